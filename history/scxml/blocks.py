"""The blocks of the generated strategy: Entry1, GetHistory, Decision, StartEngagement or CancelEngagement, Exit1.

Nothing here holds a value of an administrator's; those come as expressions. Scripts are ECMAScript 3 with ``JSON``,
which the orchestration server has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

FETCH_SECONDS = 10
"""How long the orchestration server waits for the History API."""
_SESSION = "http://www.genesyslab.com/modules/session"
_FUNCTIONS = """
// RFC 7617 with UTF-8; this engine has no function for it.
function base64(text) {
  var digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  var bytes = encodeURIComponent(text).replace(/%([0-9A-F]{2})/g, function (whole, hex) {
    return String.fromCharCode(parseInt(hex, 16));
  });
  var encoded = '';
  for (var at = 0; at < bytes.length; at += 3) {
    var first = bytes.charCodeAt(at), second = bytes.charCodeAt(at + 1), third = bytes.charCodeAt(at + 2);
    encoded += digits.charAt(first >> 2);
    encoded += digits.charAt(((first & 3) << 4) | (second >> 4));
    encoded += isNaN(second) ? '=' : digits.charAt(((second & 15) << 2) | (third >> 6));
    encoded += isNaN(third) ? '=' : digits.charAt(third & 63);
  }
  return encoded;
}
// The visit of an interaction: told by the event itself, or attached to the interaction.
function visitIdOf(data) {
  var found;
  try {
    found = data.visitId || data.visitID;
    if (!found) {
      var attached = _genesys.ixn.interactions[data.interactionid].udata;
      found = attached.visitId || attached.visitID;
    }
  } catch (none) {
    found = '';
  }
  return found ? String(found) : '';
}
// The visit that a fetch gave; null for anything else, such as the description of an error.
function visitOf(content) {
  var told = content;
  try {
    told = typeof content == 'string' ? JSON.parse(content) : content;
  } catch (unreadable) {
    return null;
  }
  return told && typeof told == 'object' && told.visitId ? told : null;
}
function numberOf(list) {
  return list && typeof list.length == 'number' ? list.length : 0;
}
function isEngaged(visit) {
  return visit !== null && numberOf(visit.pageIds) >= pagesAtLeast && numberOf(visit.eventIds) >= eventsAtLeast;
}
"""
_HEADERS = """
App_GetHistory.headers = new Object();
App_GetHistory.headers['Accept'] = 'application/json';
if ({user} !== '') {{
  App_GetHistory.headers['Authorization'] = 'Basic ' + base64({user} + ':' + {password});
}}
"""
_ADDRESS = "baseUrl + '/visits/' + encodeURIComponent(visitId) + '?include_pages=true&include_events=true'"
_SAME_REQUEST = "_event.data.requestid == App_GetHistory['requestid']"
_READ = "visit = visitOf(_event.data.content);"


def fill(root: Any, *, variables: Mapping[str, str], user: str, password: str) -> None:
    """Put everything into the root: functions, the entry state with its data model, the blocks, the final state.

    ``variables`` are names with expressions; ``user`` and ``password`` name the two that make the credentials.
    """
    _script(root, _FUNCTIONS)
    entry = _add(root, "state", id="_composer_entry", initial="Entry1")
    model = _add(entry, "datamodel")
    for name, expression in variables.items():
        _add(model, "data", id=name, expr=expression)
    _add(model, "data", id="visitId")
    _script(_add(entry, "onentry"), _declared(variables))
    _add(entry, "transition", event="error", target="CancelEngagement")
    _add(entry, "transition", event="interaction.deleted", target="CancelEngagement")
    _entry_block(entry)
    _history_block(entry, user, password)
    _decision_block(entry)
    _engagement_block(entry, "StartEngagement", "engage")
    # An error of its own must not lead here again.
    _add(_engagement_block(entry, "CancelEngagement", "cancel"), "transition", event="error", target="Exit1")
    _log(_add(_add(root, "final", id="Exit1"), "onentry"), "'Engagement strategy: ' + decision")


def _declared(variables: Mapping[str, str]) -> str:
    lines = [f"var {name} = _data.{name};" for name in variables]
    lines += ["var visitId = '';", "var visit = null;", "var decision = 'cancel';"]
    lines += ["var App_Entry1 = new Object();", "var App_GetHistory = new Object();"]
    return "\n" + "\n".join(lines) + "\n"


def _entry_block(entry: Any) -> None:
    """A session started with a visit id goes on at once; one of an interaction, when that is added."""
    state = _add(entry, "state", id="Entry1")
    begun = _add(state, "onentry")
    _script(begun, "if (_data.visitId) { visitId = String(_data.visitId); }")
    _add(_add(begun, "if", cond="visitId !== ''"), "send", event="'Entry1.done'")
    _add(state, "transition", event="Entry1.done", target="GetHistory")
    added = _add(state, "transition", event="interaction.added", cond="visitIdOf(_event.data) !== ''")
    added.set("target", "GetHistory")
    _script(added, "visitId = visitIdOf(_event.data);")
    _add(state, "transition", event="interaction.added", target="CancelEngagement")


def _history_block(entry: Any, user: str, password: str) -> None:
    state = _add(entry, "state", id="GetHistory")
    begun = _add(state, "onentry")
    _script(begun, _HEADERS.format(user=user, password=password))
    fetch = etree.SubElement(begun, f"{{{_SESSION}}}fetch")
    for name, value in {
        "requestid": "App_GetHistory['requestid']",
        "srcexpr": _ADDRESS,
        "method": "'get'",
        "type": "'application/json'",
        "maxage": "0",
        "maxstale": "0",
        "timeout": str(FETCH_SECONDS),
        "headers": "App_GetHistory.headers",
    }.items():
        fetch.set(name, value)
    _script(_add(state, "transition", event="session.fetch.done", cond=_SAME_REQUEST, target="Decision"), _READ)
    _add(state, "transition", event="error.session.fetch", cond=_SAME_REQUEST, target="CancelEngagement")


def _decision_block(entry: Any) -> None:
    state = _add(entry, "state", id="Decision")
    _add(state, "transition", cond="isEngaged(visit)", target="StartEngagement")
    _add(state, "transition", target="CancelEngagement")


def _engagement_block(entry: Any, name: str, decision: str) -> Any:
    state = _add(entry, "state", id=name)
    begun = _add(state, "onentry")
    _script(begun, f"decision = '{decision}';")
    _add(begun, "send", event=f"'{name}.done'")
    _add(state, "transition", event=f"{name}.done", target="Exit1")
    return state


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{tag}")
    for name, value in attributes.items():
        child.set(name, value)
    return child


def _script(parent: Any, text: str) -> None:
    _add(parent, "script").text = text


def _log(parent: Any, expression: str) -> None:
    _add(parent, "log", expr=expression)
