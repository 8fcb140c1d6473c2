"""Print what is taken out and what stays, for each language and part, and every sentence that went wrong."""

from __future__ import annotations

from tests.api.private_sentences import KEEP, LANGUAGES, PARTS, figures, sentences


def main() -> None:
    """Print the figures of docs/privacy.md."""
    wrong: list[tuple[str, str, str]] = []
    print("part          language  sentences   CPR  private  harmless kept")
    for part in PARTS:
        for group in [*([language] for language in LANGUAGES), LANGUAGES]:
            measured = [one for language in group for one in sentences(language, part)]
            found = figures(measured)
            shares = f"{found.share('cpr'):.3f}    {found.share(*found.private):.3f}          {found.share(KEEP):.3f}"
            print(f"{part:<14}{group[0] if len(group) == 1 else 'all':<8}{len(measured):>10} {shares}")
            wrong += found.wrong if len(group) == 1 else []
    for kind, words, text in wrong:
        print(f"wrong ({kind}): {words!r} in {text!r}")


if __name__ == "__main__":
    main()
