// MiniSearch as Integreat uses it: words, prefixes and small spelling mistakes. Reads and answers as peers.py tells.
import { readFileSync, writeFileSync } from "node:fs";
import MiniSearch from "minisearch";

const [workFile, cut, answerFile] = process.argv.slice(2);
const work = JSON.parse(readFileSync(workFile, "utf8"));
let texts = work.texts;
if (cut === "offer") {
  const whole = new Map();
  for (const one of texts) whole.set(one.id, `${whole.get(one.id) ?? ""}\n${one.text}`);
  texts = [...whole].map(([id, text]) => ({ id, text }));
}
let began = performance.now();
const index = new MiniSearch({ fields: ["text"], storeFields: ["offer"], searchOptions: { prefix: true, fuzzy: 0.2 } });
index.addAll(texts.map((one, number) => ({ id: number, offer: one.id, text: one.text })));
const built = (performance.now() - began) / 1000;
const ask = (question) => [...new Set(index.search(question).map((hit) => hit.offer))].slice(0, 3);
ask("warm up");
const found = [];
const seconds = [];
for (const row of work.questions) {
  began = performance.now();
  found.push(ask(row.text));
  seconds.push((performance.now() - began) / 1000);
}
writeFileSync(answerFile, JSON.stringify({ found, seconds, built, memory: process.memoryUsage().rss / 1024 / 1024 }));
