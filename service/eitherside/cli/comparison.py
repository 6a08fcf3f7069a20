"""The report of a comparison: the pictures that went in, the one that came out, and every figure."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import INTERNAL, CallError
from ..interface import Function
from ..request import Buffer
from .failure import describe
from .jobs import main_inputs
from .makers import maker
from .table import is_table, lists_of, shown, title_of, unit_of
from .transcoding import Transcoder

if TYPE_CHECKING:
    from markupsafe import Markup

    from ..answer import Answer
    from ..report import Picture

_STILL = "image/png"
_MOVING = "image/apng"


def is_comparison(function: Function) -> bool:
    """Tells whether a function judges pictures: it takes several image files and gives figures for people."""
    main, _ = main_inputs(function)
    return is_table(function) and len(main) > 1 and all(item.formats and not item.repeated for item in main)


class Comparison:
    """Makes the report of one call."""

    def __init__(self, function: Function, transcoder: Transcoder) -> None:
        self._function = function
        self._transcoder = transcoder
        self._formats = transcoder.interface.formats

    def options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the options of the call: it gives a picture that browsers show unless told another."""
        option = self._function.format_option
        if option is None or option in given:
            return dict(given)
        names = self._function.properties[option].get("enum", [])
        fit = [name for name in names if name in self._formats and self._formats[name].media_type == _STILL]
        return {**given, option: fit[0]} if fit else dict(given)

    def html(
        self,
        files: Mapping[str, Sequence[str]],
        inputs: Mapping[str, Sequence[Buffer]],
        answer: Answer,
        cancel: threading.Event | None,
    ) -> str:
        """Returns the report.

        Args:
            files: paths by the inputs that are arguments, one for each.
            inputs: what is in them.
            answer: what the call gave.
            cancel: set it to stop.

        Raises:
            CallError: cancelled. A picture that cannot be shown is told in the report.
        """
        from .. import report

        names = {name: paths[0] for name, paths in files.items()}
        pictures = [
            self._picture(f"{name}: {path}", inputs[name][0], self._format(name, answer), cancel)
            for name, path in names.items()
        ]
        for item in self._function.outputs:
            parts = [part for part in answer.outputs if part.name == item.name and item.array is None]
            pictures += [self._picture(item.name, part.data, part.media_type, cancel) for part in parts]
        sections = [
            report.section("Pictures", report.pictures(pictures, name="compared")),
            report.section("Scores", report.facts(self._facts(answer))),
            *self._tables(answer),
        ]
        return report.page(
            " and ".join(names.values()),
            sections,
            lead=self._function.summary,
            footer=f"{self._transcoder.interface.title}, module {self._transcoder.sha256}",
        )

    def _format(self, name: str, answer: Answer) -> str:
        """Returns the media type of an input, as the result tells it."""
        for field, schema in self._function.result.get("properties", {}).items():
            if schema.get("format_of") == name and answer.result.get(field) in self._formats:
                return self._formats[answer.result[field]].media_type
        return ""

    def _picture(
        self, caption: str, data: Buffer, media_type: str, cancel: threading.Event | None
    ) -> Picture:
        from ..report import Picture
        from ..report.parts import SHOWN

        size = f"{memoryview(data).nbytes:,} bytes"
        try:
            file, kind = (
                (data, media_type) if media_type in SHOWN else (self._converted(data, cancel), _STILL)
            )
        except CallError as error:
            if cancel is not None and cancel.is_set():
                raise
            return Picture(caption, note=f"{size}; it cannot be shown: {describe(error)}")
        most = int(self._transcoder.settings.report_bytes)
        length = memoryview(file).nbytes
        # Whatever shows one shows the other, and more know it by this name.
        kind = _STILL if kind == _MOVING else kind
        if length > most:
            return Picture(caption, note=f"{size}; to be shown it takes {length:,} bytes, more than {most:,}")
        return Picture(caption, memoryview(file), kind, size)

    def _converted(self, data: Buffer, cancel: threading.Event | None) -> Buffer:
        """Returns a file as PNG, or APNG where it moves."""
        function = maker(self._transcoder.interface.functions.values())
        option = function.format_option if function is not None else None
        names = function.properties[option].get("enum", []) if function is not None and option else []
        known = {self._formats[name].media_type: name for name in reversed(names) if name in self._formats}
        chosen = known.get(_MOVING, known.get(_STILL))
        if function is None or option is None or chosen is None:
            raise CallError(self._transcoder.interface.errors[INTERNAL], "the module makes no PNG of it")
        inputs = {function.inputs[0].name: [data]}
        answer = self._transcoder.of(function).call({option: chosen}, inputs, cancel)
        return answer.outputs[0].data

    def _facts(self, answer: Answer) -> Iterator[tuple[str, str, str]]:
        properties: Mapping[str, dict[str, Any]] = self._function.result.get("properties", {})
        for name, schema in properties.items():
            if name in answer.result and name not in lists_of(self._function):
                value = answer.result[name]
                yield title_of(name, schema), shown(value), unit_of(schema, value)

    def _tables(self, answer: Answer) -> Iterator[Markup]:
        from .. import report

        properties: Mapping[str, dict[str, Any]] = self._function.result.get("properties", {})
        for name in lists_of(self._function):
            columns: Mapping[str, dict[str, Any]] = properties[name]["items"]["properties"]
            header = ["", *(_column(key, schema) for key, schema in columns.items())]
            rows = [
                [str(number), *(shown(item.get(key)) for key in columns)]
                for number, item in enumerate(answer.result.get(name, []))
            ]
            title = title_of(name, properties[name])
            yield report.section(
                title, report.table(header, rows, caption=properties[name].get("description", ""))
            )


def _column(name: str, schema: Mapping[str, Any]) -> str:
    unit = schema.get("unit")
    return f"{title_of(name, schema)}{f' ({unit})' if unit else ''}"
