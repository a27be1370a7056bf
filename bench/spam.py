"""The spam filter on labelled comments: `python -m bench.spam FOLDER`, or as a part of `python -m bench`.

FOLDER holds at least two .csv files with the columns CONTENT and CLASS (1: spam), as the YouTube Spam
Collection (UCI Machine Learning Repository, 380) has them. Each file is judged by what was learnt from
the others and from the prior; the weights of all files are then pooled.
"""

import csv
import html
import os
import re
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from comments.spam import bayes
from comments.spam.bayes import HOLD_FROM

FOLDER = "comments-spam/youtube-spam"


@dataclass(frozen=True)
class Labelled:
    text: str
    spam: bool


@dataclass(frozen=True)
class Figures:
    """`area` under the ROC curve; shares of good comments held and of spam caught at the default threshold."""

    comments: int
    area: float
    good_held: float
    spam_caught: float

    def __str__(self) -> str:
        return (
            f"Spam filter, {self.comments} comments: area under the curve {self.area:.3f}; from {HOLD_FROM} points on, "
            f"{self.good_held:.1%} of good comments are held and {self.spam_caught:.1%} of spam is caught."
        )


def data() -> Path | None:
    """Where the labelled comments are, by NEWSROOM_TEST_DATA; None if they are not there."""
    folder = Path(os.environ.get("NEWSROOM_TEST_DATA", "/nowhere"), FOLDER)
    return folder if len(list(folder.glob("*.csv"))) > 1 else None


def read(folder: Path) -> list[list[Labelled]]:
    """The labelled comments of each file, as the plain text that their readers saw."""
    files = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            files.append([Labelled(_plain(row["CONTENT"]), row["CLASS"] == "1") for row in csv.DictReader(file)])
    return files


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br\s*/?>", "\n", markup))).strip()


def measure(files: list[list[Labelled]]) -> Figures:
    """Judge each file by what was learnt from all others."""
    weighed = [pair for file in files for pair in _weigh(file, [other for other in files if other is not file])]
    good = [weight for weight, spam in weighed if not spam]
    caught = [weight for weight, spam in weighed if spam]
    return Figures(
        len(weighed),
        area(weighed),
        sum(weight >= HOLD_FROM for weight in good) / len(good),
        sum(weight >= HOLD_FROM for weight in caught) / len(caught),
    )


def _weigh(file: list[Labelled], others: list[list[Labelled]]) -> list[tuple[int, bool]]:
    counts = bayes.Counts() + bayes.prior()
    for comment in (comment for other in others for comment in other):
        counts.learn(bayes.keys(comment.text), spam=comment.spam)
    return [(bayes.judge(comment.text, counts).weight, comment.spam) for comment in file]


def area(weighed: list[tuple[int, bool]]) -> float:
    """How often a spam comment weighs more than a good one; equal weights count half."""
    below = wins = 0.0
    for _weight, group in groupby(sorted(weighed), key=lambda pair: pair[0]):
        kinds = [spam for _weight, spam in group]
        good = len(kinds) - sum(kinds)
        wins += sum(kinds) * (below + good / 2)
        below += good
    return wins / below / (len(weighed) - below)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data()
    if folder is None:
        sys.exit("Say in which folder the labelled comments are: python -m bench.spam FOLDER")
    print(measure(read(folder)))


if __name__ == "__main__":
    main()
