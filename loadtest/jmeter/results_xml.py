"""JMeter's results as XML, which it writes for jmeter.save.saveservice.output_format=xml.

    <testResults version="1.2">
      <httpSample t="12" ts="1774000000123" lb="GET /api/time" s="true" rc="200" rm="OK" …>
        <httpSample …/>       what a sample is made of, as redirects, is counted with it
      </httpSample>
      <sample … rm="Number of samples in transaction : 1, …">
        <httpSample …/>       what a Transaction Controller has inside is read instead of it
      </sample>
    </testResults>

A document type is refused, and with it entities that grow or that read other files:
https://docs.python.org/3/library/xml.html#xml-vulnerabilities
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.parsers import expat

from loadtest.jmeter.samples import FIELDS, NEEDED, Sample, fault, lacking, sample_of

_CHUNK = 1 << 16
_ROOT = "testResults"
_BELOW_ROOT = 2
_SAMPLES = ("httpSample", "sample")


def xml_samples(path: Path) -> Iterator[Sample]:
    """In the file's order, and as they are asked for. UsageError names a bad line."""
    reader = _Reader(path)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield from reader.feed(chunk)
    yield from reader.feed(b"", last=True)


class _Reader:
    """Keeps no more than the samples of one chunk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[Sample] = []
        self._depth = 0
        self._summing_up: list[Sample] = []
        """Those that are open and sum up others, each within the one before it."""
        self._nothing_inside = False
        """Of the last of them."""
        self._parser = parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def feed(self, chunk: bytes, last: bool = False) -> list[Sample]:
        """The samples of this chunk."""
        self._found = []
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            problem = f"not XML: {expat.ErrorString(error.code)}"
            remedy = f"close what is open, up to </{_ROOT}>, if the run was broken off here"
            raise fault(self._path, error.lineno, problem, remedy) from None
        return self._found

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and tag != _ROOT:
            remedy = "name a file that `jmeter -l` wrote"
            raise fault(self._path, self._line, f"a <{tag}>, not <{_ROOT}>", remedy)
        if self._depth == self._read_at and tag in _SAMPLES:
            self._take(self._sample(tag, attributes))

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._summing_up and self._depth < self._read_at - 1:
            self._close(self._summing_up.pop())

    def _take(self, sample: Sample) -> None:
        self._nothing_inside = sample.sums_up is not None
        if self._nothing_inside:
            self._summing_up.append(sample)
        else:
            self._found.append(sample)

    def _close(self, summing_up: Sample) -> None:
        """What has nothing inside is a sample like any other: its requests stand elsewhere."""
        if self._nothing_inside:
            self._found.append(summing_up)
        self._nothing_inside = False

    def _sample(self, tag: str, attributes: Mapping[str, str]) -> Sample:
        if missing := [field for field in NEEDED if field.attribute not in attributes]:
            raise lacking(self._path, self._line, f"<{tag}>", missing)
        values = [attributes[field.attribute] for field in FIELDS if field.attribute in attributes]
        return sample_of(self._path, self._line, values)

    def _document_type(self, *_: object) -> None:
        remedy = "JMeter writes none: name a file that `jmeter -l` wrote"
        raise fault(self._path, self._line, "a document type, which is not read", remedy)

    @property
    def _read_at(self) -> int:
        """How deep samples are: deeper within each that sums up others."""
        return _BELOW_ROOT + len(self._summing_up)

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber
