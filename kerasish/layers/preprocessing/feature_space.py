"""Tables of numbers and words as the numbers that a network takes: one description for all columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.names import auto_name
from kerasish.backend.symbolic import KerasTensor, is_symbolic
from kerasish.backend.typing import FilePath
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.input_layer import Input
from kerasish.layers.preprocessing.category_encoding import CategoryEncoding
from kerasish.layers.preprocessing.discretization import Discretization
from kerasish.layers.preprocessing.hashed_crossing import HashedCrossing
from kerasish.layers.preprocessing.hashing import Hashing
from kerasish.layers.preprocessing.index_lookup import IndexLookup
from kerasish.layers.preprocessing.integer_lookup import IntegerLookup
from kerasish.layers.preprocessing.normalization import Normalization
from kerasish.layers.preprocessing.rescaling import Rescaling
from kerasish.layers.preprocessing.string_lookup import StringLookup
from kerasish.layers.preprocessing.text_vectorization import TextVectorization
from kerasish.ops.core import cast
from kerasish.ops.joining import concatenate
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

__all__ = ["Cross", "Feature", "FeatureSpace", "TFDConcat", "TFDIdentity"]  # what configs may name


def _checked(mode: Any, known: tuple[str, ...], owner: str) -> str:
    if mode not in known:
        raise ValueError(f"output_mode of {owner} must be one of {', '.join(map(repr, known))}; received {mode!r}")
    return mode


class _Part:
    """What a feature space is made of: it has a config, and no state beside that of its layers."""

    output_mode: str

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """One from the result of `get_config`."""
        return cls(**config)


class Cross(_Part):
    """Features looked at together: each combination of their values has a bin, chosen by a hash.

    Args:
        feature_names: which.
        crossing_dim: how many bins.
        output_mode: `"one_hot"`, or `"int"` for the number of the bin.
    """

    def __init__(self, feature_names: Iterable[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
        self.feature_names = tuple(feature_names)
        self.crossing_dim = crossing_dim
        self.output_mode = _checked(output_mode, ("int", "one_hot"), "a cross")

    @property
    def name(self) -> str:
        """The names of the features, joined."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this cross anew."""
        return {
            "feature_names": self.feature_names,
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Cross:
        """A cross from the result of `get_config`."""
        return cls(**{**config, "feature_names": deserialize_keras_object(config["feature_names"])})


class Feature(_Part):
    """One column: its dtype, the layer that prepares it, and how that layer's numbers are handed on.

    Args:
        dtype: of the data: `"float32"`, `"int32"`, `"string"`.
        preprocessor: a layer.
        output_mode: `"float"` hands floats on, `"int"` whole numbers, `"one_hot"` a row for each whole number.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        self.dtype = dtype
        self.preprocessor = deserialize_keras_object(preprocessor) if isinstance(preprocessor, dict) else preprocessor
        self.output_mode = _checked(output_mode, ("int", "one_hot", "float"), "a feature")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this feature anew."""
        return {
            "dtype": self.dtype,
            "preprocessor": serialize_keras_object(self.preprocessor),
            "output_mode": self.output_mode,
        }


class TFDConcat(Layer):
    """Inputs joined along an axis; the name is Keras's, for its files."""

    def __init__(self, axis: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, xs: Any) -> Any:
        """The inputs, joined."""
        return concatenate(xs, axis=self.axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


class TFDIdentity(Layer):
    """Numbers as they are, in the layer's dtype; the name is Keras's, for its files."""

    def call(self, x: Any) -> Any:
        """The inputs."""
        return cast(x, self.compute_dtype)

    def compute_output_spec(self, x: Any) -> Any:
        """The shape of the input."""
        return KerasTensor(x.shape, self.compute_dtype)


class FeatureSpace(Layer):
    """A table's columns, each prepared as its type says, as one row of numbers a sample.

    The types: `"float"` as it is, `"float_rescaled"`, `"float_normalized"` (mean 0, variance 1), `"float_discretized"`
    (bins of equal counts), `"integer_categorical"` and `"string_categorical"` (a place for each value seen),
    `"integer_hashed"` and `"string_hashed"` (a place by a hash). All that are not floats become one-hot rows.

    Args:
        features: for the name of each column its type, or what the methods `FeatureSpace.float_discretized(...)` and so
            on return, which take the layers' settings; `FeatureSpace.feature` takes any layer.
        output_mode: `"concat"` joins all columns, sorted by name, then the crosses; `"dict"` keeps them apart.
        crosses: columns that are looked at together, such as `[("sex", "age")]`, or what `FeatureSpace.cross` returns.
        crossing_dim: how many bins a cross has.
        hashing_dim: how many bins a hashed column has.
        num_discretization_bins: how many bins a discretized column has.
        name: the layer's name.

    Raises:
        ValueError: if there is no feature, a type is none, or a cross names another column.

    Example:
        >>> import kerasish as keras
        >>> table = {"age": [18.0, 35.0, 70.0, 41.0], "town": ["Bonn", "Ulm", "Bonn", "Jena"]}
        >>> space = keras.utils.FeatureSpace({"age": "float_normalized", "town": "string_categorical"})
        >>> space.adapt(table)
        >>> space({"age": 41.0, "town": "Bonn"})
        array([0., 0., 1., 0., 0.], dtype=float32)
    """

    # Symbols and what is derived from features, none of which has a state of its own.
    unsaved_attributes: ClassVar[frozenset[str]] = frozenset({"inputs", "encoded_features"})

    def __init__(
        self,
        features: dict[str, Any],
        output_mode: str = "concat",
        crosses: Any = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not features:
            raise ValueError("FeatureSpace needs at least one feature; received none")
        self.output_mode = _checked(output_mode, ("concat", "dict"), "FeatureSpace")
        self.crossing_dim = crossing_dim
        self.hashing_dim = hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {key: self._as_feature(key, value) for key, value in features.items()}
        self.crosses = [self._as_cross(cross) for cross in crosses or ()]
        self.preprocessors = {key: feature.preprocessor for key, feature in self.features.items()}
        self.crossers = {cross.name: HashedCrossing(cross.crossing_dim, name=cross.name) for cross in self.crosses}
        self.one_hot_encoders: dict[str, Layer] = {}
        self.concat: Layer | None = None
        self.inputs = {key: Input((1,), dtype=feature.dtype, name=key) for key, feature in self.features.items()}
        self.encoded_features: Any = None
        self._is_adapted = not self._adaptable()

    # -- what a feature may be ---------------------------------------------------------------------------------------

    @classmethod
    def cross(cls, feature_names: Iterable[str], crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """Columns that are looked at together; see `FeatureSpace`."""
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """A column of a dtype that any layer prepares, handed on as `"float"`, `"int"` or `"one_hot"`."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Numbers as they are."""
        layer = TFDIdentity(dtype="float32", name=_named(name, "float"))
        return Feature("float32", layer, "float")

    @classmethod
    def float_rescaled(cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
        """Numbers times a scale, plus an offset."""
        layer = Rescaling(scale, offset, name=_named(name, "float_rescaled"))
        return Feature("float32", layer, "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Numbers with mean 0 and variance 1, which `adapt` measures."""
        layer = Normalization(axis=-1, name=_named(name, "float_normalized"))
        return Feature("float32", layer, "float")

    @classmethod
    def float_discretized(
        cls, num_bins: int | None, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Numbers as bins: so many of equal counts, which `adapt` finds, or those between boundaries."""
        layer = Discretization(bin_boundaries, num_bins, name=_named(name, "float_discretized"))
        return Feature("float32", layer, output_mode)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Whole numbers, each of which `adapt` gives a place; see `IntegerLookup`."""
        layer = IntegerLookup(max_tokens, num_oov_indices, name=_named(name, "integer_categorical"))
        return Feature("int32", layer, output_mode)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Strings, each of which `adapt` gives a place; see `StringLookup`."""
        layer = StringLookup(max_tokens, num_oov_indices, name=_named(name, "string_categorical"))
        return Feature("string", layer, output_mode)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Strings, whose hash chooses one of so many places."""
        return Feature("string", Hashing(num_bins, name=_named(name, "string_hashed")), output_mode)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Whole numbers, whose hash chooses one of so many places."""
        return Feature("int32", Hashing(num_bins, name=_named(name, "integer_hashed")), output_mode)

    def _as_feature(self, key: str, value: Any) -> Feature:
        if isinstance(value, dict):
            value = deserialize_keras_object(value)
        if isinstance(value, Feature):
            return value
        simple: dict[Any, Any] = {kind: getattr(self, kind) for kind in _SIMPLE}
        sized = {
            "float_discretized": self.num_discretization_bins,
            "integer_hashed": self.hashing_dim,
            "string_hashed": self.hashing_dim,
        }
        if value in simple:
            return simple[value](name=key)
        if value in sized:
            return getattr(self, value)(sized[value], name=key)
        raise ValueError(
            f"the feature {key!r} needs a type, one of {', '.join(sorted([*simple, *sized]))}, or what a method such "
            f"as FeatureSpace.float() returns; received {value!r:.100}"
        )

    def _as_cross(self, value: Any) -> Cross:
        if isinstance(value, dict):
            value = deserialize_keras_object(value)
        cross = value if isinstance(value, Cross) else Cross(value, self.crossing_dim)
        unknown = [key for key in cross.feature_names if key not in self.features]
        if unknown:
            raise ValueError(f"the cross {cross.feature_names} names features that are not there: {unknown}")
        return cross

    # -- adapting ----------------------------------------------------------------------------------------------------

    def _adaptable(self) -> list[str]:
        """The columns whose layers are still to see data."""
        return [key for key, layer in self.preprocessors.items() if hasattr(layer, "adapt") and not _is_given(layer)]

    def adapt(self, dataset: Any) -> None:
        """Let the layers of all columns see data: means, boundaries, values that occur.

        Args:
            dataset: a dict of columns, or something that yields such dicts, of batches or of single samples.

        Raises:
            ValueError: if it is neither, or a column is missing.
        """
        keys = self._adaptable()
        parts: dict[str, list[np.ndarray]] = {key: [] for key in keys}
        if not isinstance(dataset, dict) and not hasattr(dataset, "__iter__"):
            raise ValueError(
                "FeatureSpace.adapt takes a dict of columns, or batches of such dicts; received "
                f"{type(dataset).__name__}"
            )
        for batch in [dataset] if isinstance(dataset, dict) else dataset:
            for key in keys:
                parts[key].append(_column(self._found(batch, key)))
        for key in keys:
            if not parts[key]:
                raise ValueError(f"the feature {key!r} cannot adapt to no data: there was no batch")
            self.preprocessors[key].adapt(np.concatenate(parts[key]))
        self._is_adapted = True
        self.get_encoded_features()

    def _found(self, batch: Any, key: str) -> Any:
        if not isinstance(batch, dict):
            raise ValueError(f"a FeatureSpace takes a dict of columns; received {type(batch).__name__}")
        if key not in batch:
            raise ValueError(f"the feature {key!r} is missing; received {sorted(batch)}")
        return batch[key]

    # -- encoding ----------------------------------------------------------------------------------------------------

    def get_inputs(self) -> dict[str, Any]:
        """A symbolic input for each column, for a functional model that takes the table itself."""
        self.get_encoded_features()
        return self.inputs

    def get_encoded_features(self) -> Any:
        """The symbolic result for `get_inputs()`.

        Raises:
            ValueError: before `adapt`, where a layer needs it.
        """
        if not self._is_adapted:
            raise ValueError(
                f"the FeatureSpace {self.name!r} must see data first: call `adapt(data)` with a dict of columns. The "
                f"features that need it: {self._adaptable()}"
            )
        if self.encoded_features is None:
            self._add_encoders()
            self.encoded_features = self._encoded(self.inputs)
            self.built = True
        return self.encoded_features

    def _add_encoders(self) -> None:
        for key, part in {**self.features, **{cross.name: cross for cross in self.crosses}}.items():
            if part.output_mode == "one_hot":
                layer = self.preprocessors.get(key) or self.crossers.get(key)
                self.one_hot_encoders[key] = CategoryEncoding(_cardinality(layer, key), "multi_hot")
        if self.output_mode == "concat":
            self.concat = TFDConcat(axis=-1)

    def _encoded(self, data: dict[str, Any]) -> Any:
        prepared = {key: layer(data[key]) for key, layer in self.preprocessors.items()}
        crossed = {
            cross.name: self.crossers[cross.name]([prepared[key] for key in cross.feature_names])
            for cross in self.crosses
        }
        rows = {}
        for key, numbers in [*sorted(prepared.items()), *sorted(crossed.items())]:
            encoder = self.one_hot_encoders.get(key)
            rows[key] = numbers if encoder is None else encoder(numbers)
        if self.concat is None:
            return rows
        for key, numbers in rows.items():
            if not dtypes.is_float_dtype(str(numbers.dtype)):
                raise ValueError(
                    f"the feature {key!r} is not encoded: it has dtype {numbers.dtype}, which cannot be joined with "
                    "others. Give it output_mode='one_hot', or the FeatureSpace output_mode='dict'."
                )
        return self.concat(list(rows.values())) if len(rows) > 1 else next(iter(rows.values()))

    def __call__(self, data: Any) -> Any:
        """The encoded table.

        Args:
            data: a dict of columns, each `(samples,)` or `(samples, 1)`; of single values for one sample, whose result
                has no axis of samples.
        """
        self.get_encoded_features()
        if not isinstance(data, dict):
            raise ValueError(f"a FeatureSpace is called with a dict of columns; received {type(data).__name__}")
        given = {key: self._found(data, key) for key in self.features}
        if is_symbolic((given,), {}):
            return self._encoded(given)
        is_single = any(np.ndim(value) == 0 for value in given.values())
        rows = self._encoded({key: _column(value) for key, value in given.items()})
        if not is_single:
            return rows
        return {key: value[0] for key, value in rows.items()} if isinstance(rows, dict) else rows[0]

    # -- files -------------------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            "features": serialize_keras_object(self.features),
            "output_mode": self.output_mode,
            "crosses": serialize_keras_object(self.crosses),
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
        }

    def get_build_config(self) -> dict[str, Any]:
        return {key: feature.preprocessor.get_build_config() for key, feature in self.features.items()}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build the layers as they were when the config was written; the file has what they learned."""
        for key, layer in self.preprocessors.items():
            if config.get(key) and not layer.built:
                layer.build_from_config(config[key])
        self._is_adapted = True

    def save(self, filepath: FilePath) -> None:
        """Write the feature space, with all that it learned from data, to a `.keras` file.

        `keras.saving.load_model` reads it.
        """
        from kerasish.saving.model_files import save_model

        save_model(self, filepath)


_SIMPLE = ("float", "float_normalized", "float_rescaled", "integer_categorical", "string_categorical")


def _named(name: str | None, kind: str) -> str:
    return f"{name or auto_name(kind)}_preprocessor"


def _is_given(layer: Any) -> bool:
    """Whether a layer was made with what it would find in data."""
    if isinstance(layer, Normalization):
        return layer.input_mean is not None
    if isinstance(layer, Discretization):
        return layer.num_bins is None
    if isinstance(layer, TextVectorization):
        layer = layer._lookup_layer
    return isinstance(layer, IndexLookup) and layer._has_input_vocabulary


def _cardinality(layer: Any, key: str) -> int:
    """How many whole numbers a layer returns."""
    if isinstance(layer, IndexLookup):
        return layer.vocabulary_size()
    if isinstance(layer, Discretization):
        return layer.num_bins or len(layer.bin_boundaries) + 1
    if isinstance(layer, (Hashing, HashedCrossing)):
        return layer.num_bins
    if isinstance(layer, CategoryEncoding):
        return layer.num_tokens
    raise ValueError(
        f"the feature {key!r} has output_mode='one_hot', but how many numbers {type(layer).__name__} returns is not "
        "known; use output_mode='int' or 'float'"
    )


def _column(value: Any) -> np.ndarray:
    """A column with one value a row."""
    array = np.asarray(value)
    return array.reshape(-1, 1) if array.ndim < 2 else array
