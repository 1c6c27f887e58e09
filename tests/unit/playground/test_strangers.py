"""Whatever comes, the engine answers: it raises nothing, and can go on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish.playground.catalogue import DEFAULTS
from kerasish.playground.engine import Engine
from kerasish.playground.messages import Binary, encode

_FIELDS = {
    "hello": ("version", "settings", "view", "weights", "epoch", "playing"),
    "set": ("settings",),
    "view": ("view",),
    "edit": ("layer", "weight", "index", "value"),
    "backprop": ("point", "label"),
    "surface": ("resolution", "steps", "directions"),
    "export": ("format",),
    "parse": ("text",),
    "csv": ("text",),
    "drawn": ("frame",),
}
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-2, 12), st.floats(), st.text(max_size=8), st.just(10**400)
)
_NAMES = st.sampled_from([*DEFAULTS, "resolution", "neuron_resolution", "maps", "gradients", "kind", "units", "rate"])
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(_NAMES, st.text()), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def messages(draw):
    kind = draw(st.sampled_from(list(_FIELDS)))
    message = {name: draw(_VALUES) for name in _FIELDS[kind] if draw(st.booleans())}
    if kind == "hello" and draw(st.booleans()):
        message["version"] = 1
    return {"type": kind, "id": draw(_LEAVES), **message}


_ENGINE = Engine()
_ENGINE.view = {**_ENGINE.view, "resolution": 10, "neuron_resolution": 5}


@given(message=st.one_of(messages(), messages(), _VALUES))
@settings(max_examples=80, deadline=None)
def test_any_message_is_answered(message):
    for answer in _ENGINE.handle(message):
        assert encode(answer)
        if not isinstance(answer, Binary) and answer["type"] == "error":
            assert 0 < len(answer["message"]) < 1000
    list(_ENGINE.handle({"type": "view", "view": {"resolution": 10, "neuron_resolution": 5}}))
    assert _ENGINE.frame().header["type"] == "frame"
