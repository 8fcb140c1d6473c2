// Puts what the browser needs from node_modules into api/static/vendor (served at /static/vendor). `npm ci` runs it.
//
// The design system's stylesheet is copied with three changes, none of which alters how it looks from left to right:
//   fonts       its @font-face rules go (one asks for an .eot that we do not serve); css/fonts.css has ours
//   direction   physical sides become logical ones, so that Arabic pages are laid out from the right
//   colours     each colour becomes a variable with that colour as its default, so that dark mode can replace it

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const vendor = join(root, "api", "static", "vendor");
const dkfds = join(root, "node_modules", "dkfds");
const arabic = join(root, "node_modules", "@fontsource", "ibm-plex-sans-arabic");

const LOGICAL = [
  [/(?<=[;{])(margin|padding)-left(?=:)/g, "$1-inline-start"],
  [/(?<=[;{])(margin|padding)-right(?=:)/g, "$1-inline-end"],
  [/(?<=[;{])border-left(?=[-:])/g, "border-inline-start"],
  [/(?<=[;{])border-right(?=[-:])/g, "border-inline-end"],
  [/(?<=[;{])border-top-left-radius(?=:)/g, "border-start-start-radius"],
  [/(?<=[;{])border-top-right-radius(?=:)/g, "border-start-end-radius"],
  [/(?<=[;{])border-bottom-left-radius(?=:)/g, "border-end-start-radius"],
  [/(?<=[;{])border-bottom-right-radius(?=:)/g, "border-end-end-radius"],
  [/(?<=[;{])left(?=:)(?!:(50%|calc\(50%))/g, "inset-inline-start"],
  [/(?<=[;{])right(?=:)/g, "inset-inline-end"],
  [/(?<=[;{])text-align:left/g, "text-align:start"],
  [/(?<=[;{])text-align:right/g, "text-align:end"],
];

const COLOURS = {
  "#1a1a1a": "ink", "#454545": "primary", "#707070": "quiet", "#8e8e8e": "line-strong", "#bfbfbf": "line-medium",
  "#dcdcdc": "line", "#f5f5f5": "soft", "#fff": "paper", "#c00": "error", "#ffe0e0": "error-soft",
  "#358000": "success", "#ddf7ce": "success-soft", "#febb30": "warning", "#fec": "warning-soft",
  "#1b86c3": "info", "#e2f2fb": "info-soft", "#004d99": "link",
};

function adapted(css) {
  css = css.replace(/@font-face\{[^}]*\}/g, "").replace(/\/\*#[^*]*\*\//g, "");
  for (const [pattern, replacement] of LOGICAL) css = css.replace(pattern, replacement);
  css = css.replace(/(?<=[:\s,(])#[0-9a-f]{3,8}(?![0-9a-f])/gi, (colour) => {
    const name = COLOURS[colour.toLowerCase()];
    return name ? `var(--fds-${name},${colour})` : colour;
  });
  return css.replace(/(?<=a:visited[^{]*\{[^}]*)color:purple/g, "color:var(--fds-visited,purple)");
}

rmSync(vendor, { recursive: true, force: true });
for (const folder of ["css", "fonts", "img/svg-icons"]) mkdirSync(join(vendor, folder), { recursive: true });

writeFileSync(join(vendor, "css", "dkfds.css"), adapted(readFileSync(join(dkfds, "dist", "css", "dkfds.min.css"), "utf-8")));
cpSync(join(dkfds, "LICENSE.md"), join(vendor, "LICENSE-dkfds.md"));
cpSync(join(arabic, "LICENSE"), join(vendor, "fonts", "LICENSE-ibm-plex-sans-arabic"));
cpSync(join(dkfds, "dist", "img", "svg-icons"), join(vendor, "img", "svg-icons"), { recursive: true });
for (const weight of ["Regular", "SemiBold"]) {
  for (const script of ["Latin1", "Cyrillic"]) {
    const file = `IBMPlexSans-${weight}-${script}.woff2`;
    cpSync(join(dkfds, "dist", "fonts", "IBMPlexSans", "split", "woff2", file), join(vendor, "fonts", file));
  }
}
for (const weight of [400, 600]) {
  const file = `ibm-plex-sans-arabic-arabic-${weight}-normal.woff2`;
  cpSync(join(arabic, "files", file), join(vendor, "fonts", file));
}
