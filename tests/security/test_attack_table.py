"""One test for each published attack on Keras's loaders: nothing runs, leaks or is eaten, and the file is named."""

import base64
import json
import marshal
import socket
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import budget
from kerasish.saving.guards import safe_json

Change = Callable[[dict[str, Any]], None]
RAN: list[str] = []


@pytest.fixture
def model() -> Any:
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="first"), keras.layers.Dense(2)])
    made.compile("adam", "mse")
    return made


def rewrite(path: Path, change: Change, **others: bytes | None) -> Path:
    """Change the configuration in a `.keras` or `.h5` file."""
    if path.suffix == ".h5":
        with h5py.File(path, "a") as file:
            config = json.loads(file.attrs["model_config"])
            change(config)
            file.attrs["model_config"] = json.dumps(config)
        return path
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | {"config.json": json.dumps(config).encode()}).items():
            archive.writestr(name, content)
    return path


@contextmanager
def refused(path: Path, member: str, reason: str) -> Iterator[None]:
    """A block that must fail with the file, the member and the reason, without memory, network or waiting."""
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(ValueError, match=reason) as caught:
            yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(f"{path}: {member}: ")
    assert peak < 100 * 2**20 and time.perf_counter() - began < 5
    assert not RAN


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def trap(*args: Any, **kwargs: Any) -> None:
        RAN.append("network")
        raise AssertionError("a socket was opened")

    RAN.clear()
    monkeypatch.setattr(socket.socket, "connect", trap)
    monkeypatch.setattr(socket, "getaddrinfo", trap)


def layers(config: dict[str, Any]) -> list[dict[str, Any]]:
    return config["config"]["layers"]


MEMBERS = [("model.keras", "config.json"), ("model.h5", "model_config")]


# -- code ----------------------------------------------------------------------------------------------------


def marshalled() -> str:
    return base64.b64encode(marshal.dumps(compile("RAN.append('code')", "x", "eval"))).decode()


@pytest.mark.parametrize(("name", "member"), MEMBERS)
@pytest.mark.parametrize("safe_mode", [True, False])
def test_cve_2024_3660_and_cve_2025_9905_a_marshalled_lambda(
    name: str, member: str, safe_mode: bool, model: Any, tmp_path: Path
) -> None:
    code = marshalled()
    for function in (
        [code, None, None],
        {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}},
    ):
        model.save(tmp_path / name)
        inner = {"name": "trap", "function": function, "function_type": "lambda", "arguments": {}}
        lambda_layer = {"module": "keras.layers", "class_name": "Lambda", "config": inner, "registered_name": None}
        path = rewrite(tmp_path / name, lambda config, layer=lambda_layer: layers(config).append(layer))  # type: ignore[misc]
        with refused(path, member, r"Lambda|lambda"):
            keras.saving.load_model(path, safe_mode=safe_mode)


@pytest.mark.parametrize(("name", "member"), MEMBERS)
@pytest.mark.parametrize(
    ("module", "class_name", "config"),
    [
        ("os", "system", {"command": "true"}),
        ("builtins", "exec", {"source": "1"}),
        ("numpy", "load", {"file": "x"}),
        ("keras.src.utils.file_utils", "get_file", {"fname": "x", "origin": "http://203.0.113.1/x"}),
        ("keras.utils", "get_file", {"fname": "x", "origin": "http://203.0.113.1/x"}),
        ("keras.src.saving.saving_api", "load_model", {"filepath": "http://203.0.113.1/x"}),
        ("keras.config", "enable_unsafe_deserialization", {}),
        ("keras.saving", "custom_object_scope", {"custom_objects": {}}),
    ],
)
def test_cve_2025_1550_and_cve_2025_8747_any_module_and_function(
    name: str, member: str, module: str, class_name: str, config: Any, model: Any, tmp_path: Path
) -> None:
    model.save(tmp_path / name)
    entry = {"module": module, "class_name": class_name, "config": config, "registered_name": class_name}
    path = rewrite(tmp_path / name, lambda c: layers(c).append(entry))
    with refused(path, member, "unknown class"):
        keras.saving.load_model(path, safe_mode=False)


@pytest.mark.parametrize(("name", "member"), MEMBERS)
def test_cve_2025_1550_a_module_on_the_path_is_not_imported(
    name: str, member: str, model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trap.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w')\n"
        "class Trap:\n    @classmethod\n    def from_config(cls, config):\n        return cls()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    model.save(tmp_path / name)
    entry = {"module": "trap", "class_name": "Trap", "config": {}, "registered_name": "trap>Trap"}
    path = rewrite(tmp_path / name, lambda c: layers(c).append(entry))
    with refused(path, member, "unknown class"):
        keras.saving.load_model(path, safe_mode=False)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("place", ["activation", "kernel_initializer", "kernel_regularizer", "bias_constraint"])
@pytest.mark.parametrize("function", ["get_file", "load_model", "eval", "system", "deserialize", "__import__"])
def test_cve_2025_8747_functions_in_arguments(place: str, function: str, model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    entry = {"module": "builtins", "class_name": "function", "config": function, "registered_name": "function"}
    path = rewrite(tmp_path / "model.keras", lambda c: layers(c)[1]["config"].update({place: entry}))
    with refused(path, "config.json", "unknown (function|activation|initializer|regularizer|constraint)"):
        keras.saving.load_model(path)


def test_cve_2025_9906_a_config_cannot_turn_safe_mode_off(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    function = {"class_name": "__lambda__", "config": {"code": marshalled(), "defaults": None, "closure": None}}
    off = [
        {"module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization"},
        {"module": "keras.src.saving.serialization_lib", "class_name": "enable_unsafe_deserialization", "config": {}},
    ]

    def change(config: dict[str, Any]) -> None:
        config["safe_mode"] = layers(config)[1]["safe_mode"] = config["config"]["safe_mode"] = False
        layers(config)[1]["config"]["activation"] = function
        layers(config)[1]["build_config"] = {"first": off[0], "second": off[1]}

    path = rewrite(tmp_path / "model.keras", change)
    with refused(path, "config.json", "never executed"):
        keras.saving.load_model(path)


# -- files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["StringLookup", "IntegerLookup", "TextVectorization"])
@pytest.mark.parametrize("vocabulary", ["{secret}", "http://203.0.113.1/words.txt", "file://{secret}"])
def test_cve_2025_12058_a_vocabulary_names_a_file(name: str, vocabulary: str, model: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("1\n2\n")
    model.save(tmp_path / "model.keras")
    inner = {"vocabulary": vocabulary.format(secret=tmp_path / "secret"), "max_tokens": 10}
    entry = {"module": "keras.layers", "class_name": name, "config": inner, "registered_name": None}
    path = rewrite(tmp_path / "model.keras", lambda c: layers(c).append(entry))
    with refused(path, "config.json", r"never opened|unknown class"):
        keras.saving.load_model(path)


def _link(name: str, target: str, kind: int) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, kind << 16
    return info, target.encode()


@pytest.mark.parametrize(
    "evil",
    [
        ("../evil", b"x"),
        ("assets/../../evil", b"x"),
        ("/tmp/kerasish-evil", b"x"),
        ("assets/layers/dense/..\\..\\evil", b"x"),
        _link("assets/link", "../evil", 0o120777),
        _link("link", "/etc/passwd", 0o120777),
        _link("assets/hard", "../evil", 0o100644),
    ],
)
def test_cve_2025_12060_members_that_leave_their_place(
    evil: Any, model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "box" / "model.keras"
    path.parent.mkdir()
    model.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(*evil)

    def trap(*args: Any, **kwargs: Any) -> None:
        raise AssertionError(f"an archive was extracted: {args}")

    for name in ("extract", "extractall", "_extract_member"):
        monkeypatch.setattr(zipfile.ZipFile, name, trap)
    keras.saving.load_model(path)
    assert [p.name for p in tmp_path.iterdir()] == ["box"] and [p.name for p in path.parent.iterdir()] == [
        "model.keras"
    ]
    assert not Path("/tmp/kerasish-evil").exists()


def test_cve_2025_12060_a_member_that_is_a_link_gives_nothing_away(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "secret.json").write_bytes(members.pop("config.json"))
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr(*_link("config.json", str(tmp_path / "secret.json"), 0o120777))
        for name, content in members.items():
            archive.writestr(name, content)
    with refused(tmp_path / "model.keras", "config.json", "not JSON"):
        keras.saving.load_model(tmp_path / "model.keras")


def _hdf5_attacks(directory: Path, shape: tuple[int, int]) -> dict[str, tuple[Callable[[Any, str], None], str]]:
    secret = directory / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["secret"] = np.ones(shape, "f4")
    (directory / "raw").write_bytes(b"\0" * 4096)

    def external_link(file: Any, name: str) -> None:
        file[name] = h5py.ExternalLink(str(secret), "secret")

    def soft_link(file: Any, name: str) -> None:
        file["target"] = np.ones(shape, "f4")
        file[name] = h5py.SoftLink("/target")

    def virtual(file: Any, name: str) -> None:
        layout = h5py.VirtualLayout(shape, "f4")
        layout[:] = h5py.VirtualSource(str(secret), "secret", shape)
        file.create_virtual_dataset(name, layout)

    def external_storage(file: Any, name: str) -> None:
        file.create_dataset(name, shape, "f4", external=[(str(directory / "raw"), 0, 4096)])

    def bomb(file: Any, name: str) -> None:
        file.create_dataset(name, (2**40, 2), "f4", chunks=(1024, 2), compression="gzip")

    return {
        "ExternalLink": (external_link, "ExternalLink"),
        "SoftLink": (soft_link, "SoftLink"),
        "virtual": (virtual, "virtual dataset"),
        "storage": (external_storage, "other files"),
        "bomb": (bomb, "declares"),
    }


@pytest.mark.parametrize("attack", ["ExternalLink", "SoftLink", "virtual", "storage", "bomb"])
@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.weights.h5"])
def test_cve_2026_1669_hdf5_that_reads_other_files(attack: str, name: str, model: Any, tmp_path: Path) -> None:
    path = tmp_path / name
    model.save_weights(path) if "weights" in name else model.save(path)
    change, reason = _hdf5_attacks(tmp_path, (4, 3))[attack]
    inner: Any = path
    if name == "model.keras":
        with zipfile.ZipFile(path) as archive:
            members = {n: archive.read(n) for n in archive.namelist()}
        inner = BytesIO(members["model.weights.h5"])
    with h5py.File(inner, "a") as file:
        kernel = "layers/dense/vars/0"
        if name == "model.h5":
            group = file["model_weights/first"]
            kernel = f"{group.name}/{group.attrs['weight_names'][0]}"
        del file[kernel]
        change(file, kernel)
    if name == "model.keras":
        with zipfile.ZipFile(path, "w") as archive:
            for n, content in (members | {"model.weights.h5": inner.getvalue()}).items():
                archive.writestr(n, content)
    member = {"model.keras": "model.weights.h5", "model.h5": "model_weights", "model.weights.h5": "weights"}[name]
    with refused(path, member, reason):
        model.load_weights(path) if "weights" in name else keras.saving.load_model(path)


# -- memory and time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "member"), MEMBERS)
@pytest.mark.parametrize("units", [10**8, 10**12, 2**62, 10**30])
def test_a_config_that_asks_for_a_huge_layer(name: str, member: str, units: int, model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / name)
    path = rewrite(tmp_path / name, lambda c: layers(c)[1]["config"].update(units=units))
    with refused(path, member, "asks for|too large|bytes"):
        keras.saving.load_model(path)


def test_many_layers_that_are_large_together(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")

    def change(config: dict[str, Any]) -> None:
        entry = layers(config)[1]
        wide = entry["config"]
        for i in range(20):
            inner = {**wide, "name": f"wide_{i}", "units": 2000}
            layers(config).append({**entry, "config": inner, "build_config": {}})

    path = rewrite(tmp_path / "model.keras", change)
    with refused(path, "config.json", "are left"):
        keras.saving.load_model(path)


OPERATIONS = [
    ("Tile", {"repeats": [1, 2**25]}, (None, 2**27)),
    ("Repeat", {"repeats": 2**25, "axis": 1}, (None, 2**27)),
    ("Pad", {"pad_width": [[0, 0], [0, 2**25]], "mode": "constant"}, (None, 4 + 2**25)),
    ("OneHot", {"num_classes": 2**25, "axis": -1, "dtype": "float32"}, (None, 4, 2**25)),
    ("MultiHot", {"num_classes": 2**25, "axis": -1, "dtype": "float32"}, (None, 2**25)),
    ("Diagflat", {"k": 2**14}, (None, None)),
]


@contextmanager
def cheap() -> Iterator[None]:
    """A block that takes neither memory nor time."""
    tracemalloc.start()
    began = time.perf_counter()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * 2**20 and time.perf_counter() - began < 5


@pytest.mark.parametrize(("class_name", "settings", "shape"), OPERATIONS)
def test_an_operation_that_would_make_a_huge_array_is_not_computed(
    class_name: str, settings: Any, shape: Any, tmp_path: Path
) -> None:
    entrance = keras.Input((4,), name="entrance")
    keras.Model(entrance, keras.ops.flip(entrance, axis=1)).save(tmp_path / "model.keras")
    home = "nn" if "Hot" in class_name else "numpy"

    def change(config: dict[str, Any]) -> None:
        layers(config)[1].update(module=f"keras.src.ops.{home}", class_name=class_name)
        layers(config)[1]["config"] = {"name": layers(config)[1]["config"]["name"], **settings}

    path = rewrite(tmp_path / "model.keras", change)
    with cheap():
        assert keras.saving.load_model(path).output_shape == shape


PICTURE_OPERATIONS = [
    ("Resize", {"size": [2**14, 2**14]}),
    ("PadImages", {"top_padding": 2**25, "left_padding": 0, "bottom_padding": 0, "right_padding": 0}),
    ("GaussianBlur", {"kernel_size": [2**14, 2**14]}),
    ("Unfold", {"kernel_size": 2, "padding": 2**14}),
]


@pytest.mark.parametrize(("class_name", "settings"), PICTURE_OPERATIONS)
def test_an_operation_that_asks_for_a_huge_picture(class_name: str, settings: Any, tmp_path: Path) -> None:
    entrance = keras.Input((4, 4, 3), name="entrance")
    keras.Model(entrance, keras.ops.flip(entrance, axis=1)).save(tmp_path / "model.keras")

    def change(config: dict[str, Any]) -> None:
        home = "nn" if class_name == "Unfold" else "image"
        layers(config)[1].update(module=f"keras.src.ops.{home}", class_name=class_name)
        layers(config)[1]["config"] = {"name": layers(config)[1]["config"]["name"], **settings}

    path = rewrite(tmp_path / "model.keras", change)
    with cheap(), refused(path, "config.json", "asks for"):
        keras.saving.load_model(path)


def test_an_operation_on_a_huge_input_is_not_computed(tmp_path: Path) -> None:
    entrance = keras.Input((4,), name="entrance")
    keras.Model(entrance, keras.ops.sort(entrance, axis=1)).save(tmp_path / "model.keras")
    path = rewrite(tmp_path / "model.keras", lambda c: layers(c)[0]["config"].update(batch_shape=[None, 2**24]))
    with cheap():
        assert keras.saving.load_model(path).output_shape == (None, 2**24)


@pytest.mark.parametrize("class_name", ["AUC", "SensitivityAtSpecificity", "MeanIoU"])
def test_a_metric_that_asks_for_a_huge_table(class_name: str, model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    inner: dict[str, Any] = {"num_classes": 10**6} if class_name == "MeanIoU" else {"num_thresholds": 3 * 10**6}
    if class_name.startswith("Sens"):
        inner["specificity"] = 0.5
    entry = {"module": "keras.metrics", "class_name": class_name, "config": inner, "registered_name": None}
    path = rewrite(tmp_path / "model.keras", lambda c: c["compile_config"].update(metrics=[entry]))
    with refused(path, "config.json", "asks for"):
        keras.saving.load_model(path)


def test_a_budget_of_bytes_counts_what_is_made() -> None:
    zeros = keras.initializers.Zeros()
    with budget.limited(100):
        keras.Variable(zeros, shape=(20,))
        with pytest.raises(ValueError, match=r"asks for 80 bytes.* 20 are left"):
            keras.Variable(zeros, shape=(20,))
        with budget.limited(10**9), pytest.raises(ValueError, match="20 are left"):
            keras.Variable(zeros, shape=(20,))
    keras.Variable(zeros, shape=(1000,))


def test_a_budget_leaves_room_for_models_whose_optimizer_was_not_saved(tmp_path: Path) -> None:
    wide = keras.Sequential([keras.Input((2000,)), keras.layers.Dense(2000)])
    wide.compile(keras.optimizers.Adam(amsgrad=True, use_ema=True), "mse")
    wide.save(tmp_path / "model.h5", include_optimizer=False)
    wide.save(tmp_path / "model.keras")
    for name in ("model.h5", "model.keras"):
        assert keras.saving.load_model(tmp_path / name).count_params() == wide.count_params()


def test_a_zip_bomb_in_the_weights(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("config.json", members["config.json"])
        with archive.open("model.weights.h5", "w") as file:
            for _ in range(200):
                file.write(bytes(2**20))
    assert path.stat().st_size < 2**19
    with refused(path, "model.weights.h5", "attack on memory"):
        keras.saving.load_model(path)


def test_npz_weights_that_declare_more_than_they_store_are_not_read(model: Any, tmp_path: Path) -> None:
    """Keras's `.npz` stores are pickled dicts, which neither Keras 3.15.1 nor this library reads."""
    path = tmp_path / "model.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {n: archive.read(n) for n in archive.namelist() if n != "model.weights.h5"}
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**50},), }}".ljust(117) + "\n"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    store = BytesIO()
    with zipfile.ZipFile(store, "w") as archive:
        archive.writestr("layers/dense.npy", array)
    with zipfile.ZipFile(path, "w") as archive:
        for n, content in (members | {"model.weights.npz": store.getvalue()}).items():
            archive.writestr(n, content)
    with refused(path, "model.weights.h5", "pickled"):
        keras.saving.load_model(path)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"class_name":"Sequential","config":{"layers":['])
def test_json_without_end(opening: str, model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5", "a") as file:
        del file.attrs["model_config"]
        file.attrs["model_config"] = np.bytes_(opening * 1200)
    with refused(tmp_path / "model.h5", "model_config", "nested deeper"):
        keras.saving.load_model(tmp_path / "model.h5")


@pytest.mark.parametrize("kind", ["itself", "each other", "forward"])
def test_cyclic_inbound_nodes(kind: str, tmp_path: Path) -> None:
    x = keras.Input((4,), name="entrance")
    y = keras.layers.Dense(4, name="one")(x)
    keras.Model(x, keras.layers.Dense(4, name="two")(y)).save(tmp_path / "model.keras")

    def point(config: dict[str, Any], layer: int, at: str, node: int = 0) -> None:
        layers(config)[layer]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = [at, node, 0]

    def change(config: dict[str, Any]) -> None:
        point(config, 1, {"itself": "one", "each other": "two", "forward": "two"}[kind])
        if kind == "forward":
            point(config, 2, "one", 7)

    path = rewrite(tmp_path / "model.keras", change)
    with refused(path, "config.json", "cannot be put in order"):
        keras.saving.load_model(path)


@pytest.mark.parametrize("member", ["config.json", "model.weights.h5"])
def test_two_members_of_one_name(member: str, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    model.save(path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(member, archive.read(member))
    with refused(path, member, "2 members of this name"):
        keras.saving.load_model(path)


def test_a_text_at_the_limit_is_read() -> None:
    assert safe_json.loads("[" * 200 + "]" * 200)
