"""What has to be there in the end: all that was acknowledged, and nothing that was taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from libraries.member import sha256


def identity(data: bytes) -> str:
    """The id of a picture."""
    return sha256(data)[:32]


@dataclass
class Expected:
    """What was acknowledged. What may have happened, as a page was ended meanwhile, is allowed to be there.

    Attributes:
        pictures: by id, their bytes.
        removed: ids of pictures that were removed, and are nobody's else.
        words: each with the picture whose caption has it.
        undone: words that were taken back.
        ratings, options: values that a rating, or an option of a recipe, may have.
        collections: by id, title and pictures.
        jobs: conversions that were asked for.
        problems: what was not as it should be.
    """

    pictures: dict[str, bytes] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    ratings: dict[str, set[int]] = field(default_factory=lambda: defaultdict(lambda: {0}))
    options: dict[tuple[str, str], set[int | None]] = field(
        default_factory=lambda: defaultdict(lambda: {None})
    )
    collections: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    jobs: set[str] = field(default_factory=set)

    def lacking(self, state: Mapping[str, Any]) -> list[str]:
        """Returns what of it is not so in a client's state."""
        pictures = state["pictures"]
        found = [f"the picture {each} is lost" for each in self.pictures if each not in pictures]
        found += [f"the picture {each} is back" for each in self.removed if each in pictures]
        for word, picture in self.words.items():
            if word not in pictures.get(picture, {"caption": ""})["caption"].split():
                found.append(f"the word {word} of {picture} is lost")
        shown = {word for each in pictures.values() for word in each["caption"].split()}
        found += [f"the word {word} is back" for word in self.undone & shown]
        for picture, stars in self.ratings.items():
            if picture in pictures and pictures[picture]["rating"] not in stars:
                found.append(f"{picture} has {pictures[picture]['rating']} stars, not {stars}")
        for (picture, option), values in self.options.items():
            if picture in pictures and pictures[picture]["recipe"].get(option) not in values:
                found.append(f"{picture} has {pictures[picture]['recipe']}, not {option} {values}")
        for collection, (title, members) in self.collections.items():
            there = state["collections"].get(collection)
            if there is None or there["title"] != title or not members <= set(there["pictures"]):
                found.append(f"the collection {title} is {there}, not with {members}")
        conversions = state["conversions"]
        found += [f"the conversion {each} is lost" for each in self.jobs if each not in conversions]
        return found
