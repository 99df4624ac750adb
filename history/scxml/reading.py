"""XML that strangers give: read without document types, entities, or anything fetched."""

from __future__ import annotations

import codecs
import re
from typing import Any
from xml.parsers.expat import ErrorString

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError
from lxml import etree

# Python's name → the XML parser's.
_ENCODINGS = {"utf-8": "utf-8", "ascii": "us-ascii", "iso8859-1": "iso-8859-1"}
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")


class Unreadable(ValueError):
    """The document is not XML that is read here; ``line`` counts from 1, 0 where there is none."""

    def __init__(self, words: str, line: int = 0) -> None:
        super().__init__(words)
        self.words = words
        self.line = line


def encoding_declared(data: bytes) -> str | None:
    """The parser's name of the declared encoding, which may go by one that the parser does not know (``utf8``)."""
    declared = _DECLARED.match(data)
    return encoding_known(declared[1].decode("ascii")) if declared else None


def encoding_known(name: str) -> str | None:
    """The parser's name of an encoding that is read here."""
    try:
        return _ENCODINGS.get(codecs.lookup(name).name)
    except LookupError:
        return None


def refuse_dangers(data: bytes, *, encoding: str | None = None) -> None:
    """Raise Unreadable unless this is well-formed XML without a document type, and so without entities of its own.

    ``encoding``: by the name that the parser knows, instead of the one that the document declares.
    """
    try:
        parser = DefusedXMLParser(encoding=encoding, forbid_dtd=True)
        parser.feed(data)
        parser.close()
    except DefusedXmlException:
        raise Unreadable("A document type (DOCTYPE) is not read.") from None
    except ParseError as error:
        raise Unreadable(f"This is not well-formed XML: {ErrorString(error.code)}.", error.position[0]) from None
    except (ValueError, LookupError):
        raise Unreadable("The encoding that the document declares is not known.") from None


def parsed(data: bytes) -> Any:
    """The root of the document, by lxml, which knows the lines. Raises Unreadable."""
    refuse_dangers(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"This is not well-formed XML: {error.msg}.", error.lineno or 0) from None
    except (ValueError, LookupError):
        raise Unreadable("This XML cannot be read.") from None
