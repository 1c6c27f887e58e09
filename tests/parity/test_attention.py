"""The attention layers against Keras's over pairs of their options, and a transformer trained as in Keras."""

import itertools
from typing import Any

import jax
import keras
import numpy as np
import pytest

import kerasish
from kerasish.backend import nest
from kerasish.layers import deserialize, serialize

pytestmark = pytest.mark.parity

BATCH, ROWS, KEYS, SIZE = 2, 3, 5, 8
RNG = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype("float32")


def pairwise(options: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Combinations in which every two values of different options meet: always the one with the most new pairs."""
    names = list(options)
    missing = {
        (a, i, b, j)
        for a, b in itertools.combinations(names, 2)
        for i, j in itertools.product(range(len(options[a])), range(len(options[b])))
    }
    table = []
    while missing:
        chosen: dict[str, int] = {}
        for name in names:
            counts = [
                sum(
                    (other, k, name, i) in missing if names.index(other) < names.index(name) else False
                    for other, k in chosen.items()
                )
                + 0.001 * sum(name in pair[::2] and i in (pair[1], pair[3]) for pair in missing)
                for i in range(len(options[name]))
            ]
            chosen[name] = int(np.argmax(counts))
        met = {(a, chosen[a], b, chosen[b]) for a, b in itertools.combinations(names, 2)} & missing
        if not met:  # the greedy row met nothing new: take a pair that is missing
            a, i, b, j = min(missing)
            chosen[a], chosen[b] = i, j
            met = {(a, chosen[a], b, chosen[b]) for a, b in itertools.combinations(names, 2)} & missing
        missing -= met
        table.append({name: options[name][i] for name, i in chosen.items()})
    return table


def test_every_pair_of_values_meets():
    options = {"a": [0, 1, 2], "b": [0, 1], "c": [0, 1, 2, 3]}
    table = pairwise(options)
    for first, second in itertools.combinations(options, 2):
        met = {(row[first], row[second]) for row in table}
        assert met == set(itertools.product(options[first], options[second]))
    assert len(table) < 24


QUERY, VALUE, KEY = numbers(BATCH, ROWS, SIZE), numbers(BATCH, KEYS, SIZE), numbers(BATCH, KEYS, SIZE)
VALUE_MASK = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 0, 0]], bool)
PAIRS = RNG.random((BATCH, ROWS, KEYS)) < 0.6
SHARED = {
    "use_bias": [True, False],
    "sliding_window": [None, 2],
    "use_gate": [False, True],
    "kernel_regularizer": [None, "l2"],
    "dropout": [0.0, 0.3],  # at rest: it changes what a query gets that sees nothing
}
CALLS = {
    "key": [None, KEY],
    "value_mask": [None, VALUE_MASK],
    "attention_mask": [None, PAIRS],
    "use_causal_mask": [False, True],
    "return_attention_scores": [False, True],
}
HEADED = {
    "MultiHeadAttention": {"num_heads": [1, 2], "key_dim": [4], "output_shape": [None, (2, 3)], **SHARED, **CALLS},
    "GroupQueryAttention": {
        "head_dim": [3], "num_query_heads": [4], "num_key_value_heads": [1, 2], "use_gate": [False, True], **CALLS,
    },
}  # fmt: skip
ROWS_OF_TABLE = [(name, row) for name, options in HEADED.items() for row in pairwise(options)]
# Values of another size are more than Keras 3.15.1 on JAX can compute without returning scores.
ROWS_OF_TABLE += [
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4, "attention_mask": mask, "output_shape": 5})
    for mask in (PAIRS[0], PAIRS[:, None])
]
ROWS_OF_TABLE += [
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4, "value_dim": 3, "use_gate": gate, "use_causal_mask": causal,
                            "return_attention_scores": True})
    for gate, causal in [(True, False), (False, True)]
]  # fmt: skip


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch):
    """Keras's weights are zeros until they are set: it would compile the draw of each shape."""
    for name in ("GlorotUniform", "RandomUniform"):
        kind = getattr(keras.initializers, name)
        monkeypatch.setattr(kind, "__call__", lambda _, shape, dtype=None: np.zeros(shape, "float32"))


def pair(name: str, arguments: dict[str, Any], *inputs: Any, **call: Any) -> tuple[Any, Any]:
    """The layer here and in Keras, with the same weights."""
    ours, theirs = (getattr(k.layers, name)(**arguments) for k in (kerasish, keras))
    ours(*inputs, **call)
    theirs.build(*([x.shape for x in given] if isinstance(given, list) else given.shape for given in inputs))
    weights = [numbers(*w.shape) * 0.5 for w in theirs.weights]
    for layer in (ours, theirs):
        layer.set_weights(weights)
    return ours, theirs


def assert_equal(ours: Any, theirs: Any, inputs: list[np.ndarray], call: Any) -> None:
    """Values, and gradients of inputs and weights of a sum of all outputs in which each counts differently."""
    factors = [numbers(*np.shape(y)) for y in nest.flatten(call(ours, inputs))]

    def number(outputs: Any) -> Any:
        return sum((y * f).sum() for y, f in zip(nest.flatten(outputs), factors, strict=True))

    def loss(trainable: Any, xs: Any) -> Any:
        fixed = [v.value for v in theirs.non_trainable_variables]
        with keras.StatelessScope(
            [*zip(theirs.trainable_variables, trainable, strict=True),
             *zip(theirs.non_trainable_variables, fixed, strict=True)]
        ):  # fmt: skip
            y = call(theirs, xs)
        return number(y), y

    weights = [v.value for v in theirs.trainable_variables]
    (_, expected), slopes = jax.jit(jax.value_and_grad(loss, (0, 1), has_aux=True))(weights, inputs)
    with kerasish.GradientTape() as tape:
        xs = [tape.watch(x) for x in inputs]
        y = call(ours, xs)
        total = number(y)
    for a, b in zip(nest.flatten(y), nest.flatten(expected), strict=True):
        assert str(a.dtype) == str(b.dtype)
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=2e-5, atol=1e-5)
    found = tape.gradient(total, [*ours.trainable_variables, *xs])
    for a, b in zip(found, jax.tree_util.tree_leaves(slopes), strict=True):
        a = np.zeros(b.shape) if a is None else a
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5 * max(1.0, float(np.abs(b).max())))


@pytest.mark.parametrize(("name", "row"), ROWS_OF_TABLE, ids=lambda value: value if isinstance(value, str) else "")
def test_pairs_of_options(name, row):
    call = {key: value for key, value in row.items() if key in CALLS and key != "key"}
    arguments = {key: value for key, value in row.items() if key not in CALLS}
    inputs = [QUERY, VALUE] + ([] if row.get("key") is None else [KEY])
    ours, theirs = pair(name, arguments, *inputs, **call)
    assert_equal(ours, theirs, inputs, lambda layer, xs: layer(*xs, **call))
    assert [w.path.split("/", 1)[1] for w in ours.weights] == [w.path.split("/", 1)[1] for w in theirs.weights]
    assert ours.get_build_config() == theirs.get_build_config()
    mine, other = ours.get_config(), theirs.get_config()
    assert {**mine, "name": ""} == {**other, "name": ""}
    assert type(keras.layers.deserialize(serialize(ours))) is type(theirs)
    assert {**deserialize(keras.layers.serialize(theirs)).get_config(), "name": ""} == {**mine, "name": ""}
    assert len(ours.losses) == len(theirs.losses)


@pytest.mark.parametrize(("axes", "scores"), [(None, False), (1, True), ((-2,), False), ((1, 2), True)])
def test_attention_axes(axes, scores):
    x = numbers(2, 3, 4, 6)
    ours, theirs = pair("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "attention_axes": axes}, x, x)
    call = {"return_attention_scores": scores}
    assert ours.attention_axes == theirs.attention_axes
    assert_equal(ours, theirs, [x, x], lambda layer, xs: layer(*xs, **call))
    found = nest.flatten(ours(kerasish.Input((3, 4, 6)), kerasish.Input((3, 4, 6)), **call))
    expected = jax.tree_util.tree_leaves(jax.eval_shape(lambda x: theirs(x, x, **call), x))
    assert [y.shape for y in found] == [(None, *y.shape[1:]) for y in expected]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        (name, row)
        for name, modes in [("Attention", ["dot", "concat"]), ("AdditiveAttention", [None])]
        for row in pairwise(
            {
                "score_mode": modes,
                "use_scale": [False, True],
                "key": [None, KEY],
                "mask": [None, [np.array([[1, 0, 1], [1, 1, 0]], bool), VALUE_MASK]],
                "use_causal_mask": [False, True],
                "return_attention_scores": [False, True],
            }
        )
    ],
)  # fmt: skip
def test_layers_without_heads(name, row):
    row = dict(row)
    mode, arguments = row.pop("score_mode"), {"use_scale": row.pop("use_scale")}
    arguments |= {} if mode is None else {"score_mode": mode}
    inputs = [QUERY, VALUE] + ([] if row.pop("key") is None else [KEY])
    # Keras 3.15.1 on JAX has no derivative of what it computes of a mask that is not an array of its own
    row["mask"] = None if row["mask"] is None else [None if m is None else np.asarray(m) for m in row["mask"]]
    ours, theirs = pair(name, arguments, inputs, **row)
    assert_equal(ours, theirs, inputs, lambda layer, xs: layer(xs, **row))
    assert {**ours.get_config(), "name": ""} == {**theirs.get_config(), "name": ""}
    assert ours.get_build_config() == theirs.get_build_config()


@pytest.mark.parametrize("name", ["MultiHeadAttention", "Attention"])
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16"])
def test_half_precision(name, policy):
    arguments = {"dtype": policy, **({"num_heads": 2, "key_dim": 4} if name != "Attention" else {})}
    inputs = (QUERY, VALUE) if name != "Attention" else ([QUERY, VALUE],)
    ours, theirs = pair(name, arguments, *inputs)
    a, b = ours(*inputs), theirs(*inputs)
    assert str(a.dtype) == str(b.dtype)
    rounding = 2**-7 if "bfloat" in policy else 2**-10  # of each of four products in a row, of numbers up to about 4
    np.testing.assert_allclose(np.asarray(a, "float32"), np.asarray(b, "float32"), rtol=0.02, atol=16 * rounding)


@pytest.mark.parametrize("options", [{}, {"tie_weights": False}, {"logit_soft_cap": 2.0}, {"mask_zero": True}])
def test_reversible_embedding(options):
    indices = np.array([[1, 2, 0], [3, 0, 4]])
    ours, theirs = pair("ReversibleEmbedding", {"input_dim": 6, "output_dim": SIZE, **options}, indices)
    np.testing.assert_allclose(ours(indices), jax.jit(theirs)(indices), rtol=1e-6)
    assert_equal(ours, theirs, [QUERY], lambda layer, xs: layer(xs[0], reverse=True))
    assert {**ours.get_config(), "name": ""} == {**theirs.get_config(), "name": ""}
    for reverse, x in ((False, (3,)), (True, (3, SIZE))):
        shapes = [layer(k.Input(x), reverse=reverse).shape for layer, k in ((ours, kerasish), (theirs, keras))]
        assert shapes[0] == tuple(shapes[1])


def test_a_mask_for_each_head_goes_with_one_of_values():
    """Of the right samples, also where there are as many heads as samples."""
    layer = kerasish.layers.MultiHeadAttention(2, 4)
    both = layer(QUERY, VALUE, attention_mask=PAIRS & VALUE_MASK[:, None])
    for pairs in (PAIRS[:, None], np.repeat(PAIRS[:, None], 2, axis=1)):
        np.testing.assert_array_equal(layer(QUERY, VALUE, attention_mask=pairs, value_mask=VALUE_MASK), both)


# -- masks that travel ----------------------------------------------------------------------------------------------


WORDS = np.array([[3, 1, 2, 0, 0], [4, 0, 0, 0, 0], [1, 2, 3, 4, 5]])


def masked_model(k: Any, block: Any) -> Any:
    words = k.Input((5,), dtype="int32")
    x = k.layers.Embedding(6, SIZE, mask_zero=True)(words)
    return k.Model(words, k.layers.GlobalAveragePooling1D()(block(k, x)))


@pytest.mark.parametrize(
    "block",
    [
        lambda k, x: k.layers.MultiHeadAttention(2, 4)(x, x),
        lambda k, x: k.layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True),
        lambda k, x: k.layers.GroupQueryAttention(4, 4, 2)(x, x),
        lambda k, x: k.layers.Attention()([x, x]),
        lambda k, x: k.layers.AdditiveAttention()([x, x], use_causal_mask=True),
        lambda k, x: k.layers.MultiHeadAttention(2, 4)(k.layers.Dense(SIZE)(x), x, x * 2.0),
    ],
)
def test_masks_that_travel(block):
    ours, theirs = masked_model(kerasish, block), masked_model(keras, block)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(ours(WORDS), jax.jit(theirs)(WORDS), rtol=1e-5, atol=1e-6)


# -- training --------------------------------------------------------------------------------------------------------


def transformer(k: Any, masked: bool) -> Any:
    """Two layers of a transformer over words."""
    layers = k.layers
    words = k.Input((12,), dtype="int32")
    x = layers.Embedding(20, 16, mask_zero=masked)(words)
    for _ in range(2):
        x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(4, 4)(x, x, use_causal_mask=True)]))
        x = layers.LayerNormalization()(layers.Add()([x, layers.Dense(16)(layers.Dense(32, "gelu")(x))]))
    return k.Model(words, layers.Dense(3, "softmax")(layers.GlobalAveragePooling1D()(x)))


@pytest.mark.parametrize("masked", [False, True])
def test_a_transformer_trains_as_in_keras(masked):
    rng = np.random.default_rng(1)
    x, y = rng.integers(1, 20, (32, 12)), rng.integers(0, 3, 32)
    if masked:
        x *= np.arange(12) < rng.integers(3, 13, 32)[:, None]
    models = [transformer(k, masked) for k in (kerasish, keras)]
    models[1].set_weights(models[0].get_weights())
    losses = []
    for k, model in zip((kerasish, keras), models, strict=True):
        model.compile(k.optimizers.SGD(0.05), "sparse_categorical_crossentropy")
        history = model.fit(x, y, batch_size=16, epochs=3, shuffle=False, verbose=0)
        losses.append(history.history["loss"])
    np.testing.assert_allclose(losses[0], losses[1], rtol=2e-4)
    assert losses[0][-1] < losses[0][0]
    for a, b in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


# -- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda k: k.layers.MultiHeadAttention(0, 4), "num_heads=0"),
        (lambda k: k.layers.MultiHeadAttention(2, 4.5), "key_dim=4.5"),
        (lambda k: k.layers.MultiHeadAttention(2, 4, sliding_window=0), "sliding_window=0"),
        (lambda k: k.layers.MultiHeadAttention(2, 4, attention_axes="a"), "attention_axes='a'"),
        (lambda k: k.layers.MultiHeadAttention(2, 4, flash_attention=True, dropout=0.1), "dropout=0.1"),
        (lambda k: k.layers.MultiHeadAttention(2, 4)(QUERY, VALUE[:, :2], KEY), r"value \(2, 2, 8\), key \(2, 5, 8\)"),
        (lambda k: k.layers.MultiHeadAttention(2, 4, flash_attention=True)(QUERY, QUERY, return_attention_scores=True),
         "return_attention_scores=True"),
        (lambda k: k.layers.MultiHeadAttention(2, 4)(QUERY, QUERY, attention_mask=np.ones(3, bool)), None),
        (lambda k: k.layers.GroupQueryAttention(4, 3, 2), "num_query_heads=3, num_key_value_heads=2"),
        (lambda k: k.layers.GroupQueryAttention(4, 4, 2)(QUERY[None], QUERY[None]), r"query \(1, 2, 3, 8\)"),
        (lambda k: k.layers.MultiHeadAttention(2, 4)(QUERY), r"layer\(x, x\)"),
        (lambda k: k.layers.MultiHeadAttention(2, 4)(QUERY, None), "the value is missing or None"),
        (lambda k: k.layers.Attention()([QUERY, None]), "a list in which one is None"),
        (lambda k: k.layers.Attention(score_mode="x"), "score_mode='x'"),
        (lambda k: k.layers.Attention()(QUERY), "takes a list"),
        (lambda k: k.layers.Attention()([QUERY]), "1 of them"),
        (lambda k: k.layers.Attention()([QUERY, QUERY], mask=[None]), "1 of them"),
        (lambda k: k.layers.Attention()([QUERY, QUERY], mask=QUERY[..., 0] > 0), "list of masks"),
    ],
)  # fmt: skip
def test_errors_of_the_same_class(make, words):
    with pytest.raises(Exception) as theirs:
        make(keras)
    if words is None:  # a mask of one axis, which broadcasts
        return
    with pytest.raises(type(theirs.value), match=words):
        make(kerasish)


def twice(layer: Any, *inputs: Any) -> Any:
    """A layer that was built for other inputs, called."""
    layer(QUERY, VALUE)
    return layer(*inputs)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda k: k.layers.MultiHeadAttention(2, 4, name="m")(QUERY[0], QUERY[0]), r"'m' takes .* query \(3, 8\)"),
        (lambda k: k.layers.MultiHeadAttention(2, 4, name="m")(QUERY, VALUE[:1]), r"'m' needs .* of one batch"),
        (lambda k: k.layers.MultiHeadAttention(2, 4, name="m")(QUERY, VALUE, attention_mask=np.ones((2, 3, 4), bool)),
         r"'m' takes as attention_mask a shape .* \(2, 3, 5\); received shape \(2, 3, 4\)"),
        (lambda k: k.layers.MultiHeadAttention(2, 4, name="m")(QUERY, VALUE, attention_mask=np.ones((2, 3, 3, 5)) > 0),
         r"'m' takes as attention_mask a shape .* \(2, 2, 3, 5\); received shape \(2, 3, 3, 5\)"),
        (lambda k: k.layers.MultiHeadAttention(2, 4, name="m")(QUERY, VALUE, value_mask=np.ones((2, 4), bool)),
         r"'m' takes as value_mask a shape .* \(2, 5\); received shape \(2, 4\)"),
        (lambda k: twice(k.layers.MultiHeadAttention(2, 4, name="m"), QUERY, VALUE[..., :4]),
         r"'m' was built for a value of 8 features; received value of shape \(2, 5, 4\)"),
        (lambda k: twice(k.layers.GroupQueryAttention(4, 4, 2, name="g"), QUERY[..., :4], VALUE),
         r"'g' was built for a query of 8 features; received query of shape \(2, 3, 4\)"),
        (lambda k: k.layers.GroupQueryAttention(4, 4, 2, name="g")(QUERY, VALUE, query_mask=np.ones((2, 4), bool)),
         r"'g' takes as query_mask a shape .* \(2, 3\); received shape \(2, 4\)"),
        (lambda k: k.layers.MultiHeadAttention(2, 4, attention_axes=(3,))(QUERY, QUERY), r"attention_axes=\(3,\)"),
        (lambda k: k.layers.Attention(name="a")([QUERY, VALUE[..., :4]]), r"'a' takes .* value \(2, 5, 4\)"),
        (lambda k: k.layers.Attention(name="a")([QUERY, VALUE], mask=[None, np.ones((2, 4), bool)]),
         r"'a' takes a mask of the value of shape \(2, 5\); received \(2, 4\)"),
        (lambda k: k.layers.ReversibleEmbedding(6, 4, name="e")(QUERY, reverse=True), r"'e' turns vectors of length 4"),
    ],
)  # fmt: skip
def test_errors_name_the_layer_and_the_sizes(call, words):
    with pytest.raises(ValueError, match=words):
        call(kerasish)


# -- subclasses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MultiHeadAttention", "GroupQueryAttention"])
@pytest.mark.parametrize("options", [{}, {"sliding_window": 2}])
def test_a_subclass_attends_in_its_own_way(name, options):
    """It gets every mask there is, and keys and values for each head."""
    arguments = {"num_heads": 2, "key_dim": 4} if name == "MultiHeadAttention" else {
        "head_dim": 4, "num_query_heads": 4, "num_key_value_heads": 2}  # fmt: skip

    def made(k: Any) -> Any:
        class Uniform(getattr(k.layers, name)):
            def _compute_attention(self, query, key, value, attention_mask=None, training=None, *scores):
                seen = k.ops.cast(k.ops.expand_dims(attention_mask, 1), "float32")
                found = k.ops.matmul(seen / k.ops.sum(seen, -1, keepdims=True), k.ops.swapaxes(value, 1, 2))
                return k.ops.swapaxes(found, 1, 2), None

        return Uniform(**arguments, **options)

    ours, theirs = made(kerasish), made(keras)
    call = {"use_causal_mask": True, "value_mask": np.array([[1, 1, 0], [1, 0, 1]], bool)}
    ours.build(QUERY.shape, QUERY.shape)
    theirs.build(QUERY.shape, QUERY.shape)
    theirs.set_weights(ours.get_weights())
    expected = jax.jit(lambda x: theirs(x, x, **call))(QUERY)
    np.testing.assert_allclose(ours(QUERY, QUERY, **call), expected, rtol=1e-5, atol=1e-6)
