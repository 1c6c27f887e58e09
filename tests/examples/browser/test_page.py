"""The playground in a real browser: each control does what it says, and what is learned can be taken away."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.playground.points import features, grid

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "kerasish" / "playground" / "page"
WEIGHTS = """() => app.state.layers.flatMap((layer) => layer.weights.map(
    (_, i) => Array.from(app.frame.arrays.get(`weights/${layer.index}/${i}`).values)))"""

# A table that is dropped as a file, or pasted as text.
GIVE = """() => {
    const given = new DataTransfer();
    if ('%(holder)s' === 'dataTransfer') given.items.add(new File(['%(rows)s'], 'points.csv'));
    else given.setData('text', '%(rows)s');
    window.dispatchEvent(new %(event)s, { %(holder)s: given, cancelable: true }));
}"""

Opened = Callable[..., Any]


def _settings(page: Any) -> dict[str, Any]:
    return page.evaluate("app.state.settings")


def _until(page: Any, condition: str) -> None:
    page.wait_for_function(f"() => {condition}")


def _train(page: Any, epochs: int) -> None:
    """Play for at least so many epochs, and wait until the last frame of them is drawn."""
    page.click("#play")
    _until(page, f"app.frame.header.epoch >= {epochs}")
    page.click("#play")
    _until(page, "!app.state.playing && app.frame.header.epoch === app.state.epoch")


@pytest.mark.skipif(shutil.which("tsc") is None, reason="checking the page's types needs TypeScript's tsc and Node.js")
def test_the_types_of_the_page_are_right():
    options = [
        "--noEmit",
        "--allowJs",
        "--checkJs",
        "--strict",
        "--noUnusedLocals",
        "--target",
        "es2023",
        "--module",
        "es2022",
    ]
    files = sorted(str(path) for path in PAGE.glob("*.js"))
    ran = subprocess.run(
        ["tsc", *options, "--lib", "es2023,dom,dom.iterable", *files], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_the_page_loads_nothing_from_elsewhere():
    texts = {path.name: path.read_text(encoding="utf-8") for path in PAGE.iterdir()}
    assert not [name for name, text in texts.items() if re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)]
    assert all(len(text.splitlines()) <= 500 for text in texts.values())
    assert not re.search(r"\sstyle=|\son\w+=|<script>", texts["index.html"])


def test_xor_is_solved_from_a_fresh_page(opened: Opened):
    page = opened()
    page.click("#play")
    _until(page, "app.frame.header.test_accuracy >= 0.95 && app.frame.header.loss < 0.05")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.keyboard.press("Escape")
    page.click("#play")
    _until(page, "!app.state.playing")
    assert int(page.inner_text("#epoch").replace(",", "")) > 5
    assert page.inner_text("#accuracy") == f"{round(100 * page.evaluate('app.frame.header.test_accuracy'))} %"
    page.click("#reset")
    _until(page, "app.frame.header.epoch === 0")
    page.click("#step")
    _until(page, "app.frame.header.epoch === 1")


MENUS = [
    ("#set-rate", "0.1", "learning_rate", 0.1),
    ("#set-activation", "relu", "layers", [{"kind": "dense", "units": u, "activation": "relu"} for u in (4, 2)]),
    ("#set-momentum", "0.5", "momentum", 0.5),
    ("#set-loss", "mean_squared_error", "loss", "mean_squared_error"),
    ("#set-initializer", "he_normal", "initializer", "he_normal"),
    ("#set-kind", "l2", "regularization", "l2"),
    ("#set-strength", "0.03", "regularization_rate", 0.03),
    ("#set-size", "30", "batch_size", 30),
    ("#set-optimizer", "adam", "optimizer", "adam"),
]
CLICKS = [
    ("[aria-label='One hidden layer more']", "s.layers.length === 3"),
    ("[aria-label='One hidden layer less']", "s.layers.length === 2"),
    ("[aria-label='One unit more in dense_1']", "s.layers[0].units === 5"),
    ("[aria-label='One unit less in dense_1']", "s.layers[0].units === 4"),
    ("text=+ Dropout", "s.layers[2].kind === 'dropout'"),
    ("text=+ BatchNorm", "s.layers[3].kind === 'batch_normalization'"),
    ("[aria-label='Feature x₁ x₂']", "s.features.includes('x1*x2')"),
    ("[aria-label='Feature x₂']", "!s.features.includes('x2')"),
    ("text=New points", "s.data_seed === 1"),
    ("#datasets button[value=spiral]", "s.data === 'spiral'"),
]


def test_each_control_does_what_it_says(opened: Opened):
    page = opened()
    for menu, value, setting, expected in MENUS:
        page.select_option(menu, value)
        page.wait_for_function(
            "([k, v]) => JSON.stringify(app.state.settings[k]) === v",
            arg=[setting, json.dumps(expected, separators=(",", ":"))],
        )
    for selector, condition in CLICKS:
        page.click(selector)
        page.wait_for_function(f"() => {{ const s = app.state.settings; return {condition}; }}")
    for slider, value, setting, expected in [("#share", 80, "train_share", 0.8), ("#noise", 0.5, "noise", 0.5)]:
        page.fill(slider, str(value))
        _until(page, f"app.state.settings.{setting} === {expected}")
    _until(page, "app.data.arrays.get('train_y').values.length === 160")
    page.fill("#classes", "3")
    _until(page, "app.state.outputs === 3 && app.frame.arrays.get('output').shape[0] === 3")
    page.select_option("#set-problem", "regression")
    _until(page, "app.state.settings.data === 'regression_plane' && app.state.outputs === 1")
    page.fill("#seed", "5")
    page.press("#seed", "Enter")
    _until(page, "app.state.settings.seed === 5")
    page.select_option("#set-speed", "5 a frame")
    page.click("#step")
    page.click("#play")
    _until(page, "app.frame.header.epoch > 10 && app.frame.header.epoch % 5 === 1")
    page.click("#play")
    page.check("#discrete")
    page.check("#show-test")
    assert page.evaluate("[app.look.discrete, app.look.showTest]") == [True, True]
    # The engine has all of it, and drew it.
    _until(page, "app.frame.header.revision === app.state.revision")
    assert page.inner_text("#toast") == ""
    assert "keras.layers.BatchNormalization()" in page.input_value("#script")


def test_a_weight_can_be_read_and_changed(opened: Opened):
    page = opened("layers=2tanh")
    page.locator("#links .hit").nth(1).dispatch_event("click")
    page.fill("#editor input", "2.5")
    _until(page, "Math.abs(app.frame.arrays.get('weights/0/0').values[1] - 2.5) < 1e-6")
    page.keyboard.press("Escape")
    page.locator("#links .hit").nth(1).hover(force=True)
    assert "2.500" in page.inner_text("#hover")
    # The same with the keyboard alone: into the network, to the first unit, its bias.
    page.focus("[data-key='-1/0']")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("app.look.shown") == {"layer": 0, "unit": 0}
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("-1.5")
    _until(page, "app.frame.arrays.get('weights/0/1').values[0] === -1.5")


def test_the_exported_files_predict_what_the_picture_shows(opened: Opened, tmp_path: Path):
    page = opened("data=circle&features=x1,x2,x1^2&layers=3relu")
    _train(page, 5)
    shown = np.array(page.evaluate("Array.from(app.frame.arrays.get('output').values)"), "float32")
    weights = page.evaluate(WEIGHTS)
    files = {}
    for kind, ending in (("keras", "keras"), ("script", "py")):
        page.click("#export")
        with page.expect_download() as download:
            page.click(f"#export-{kind}")
        files[kind] = tmp_path / f"model.{ending}"
        download.value.save_as(files[kind])
    page.click("#export")
    with page.expect_download() as download:
        page.click("#export-png")
    assert Path(download.value.path()).read_bytes()[:4] == b"\x89PNG"

    side = page.evaluate("app.frame.arrays.get('output').shape[1]")
    plane = features(grid(side), ["x1", "x2", "x1^2"])
    model = keras.saving.load_model(files["keras"])
    assert np.array_equal(model.predict(plane, batch_size=len(plane), verbose=0).ravel(), shown)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(files["script"].read_text(encoding="utf-8"), "script", "exec"), names)
    for ours, theirs in zip(names["model"].get_weights(), weights, strict=True):
        assert np.array_equal(ours.ravel(), np.array(theirs, "float32"))
    assert np.array_equal(names["model"].predict(plane, batch_size=len(plane), verbose=0).ravel(), shown)


def test_a_script_that_is_edited_changes_the_picture(opened: Opened):
    page = opened("layers=4tanh")
    text = page.input_value("#script")
    assert 'keras.layers.Dense(4, activation="tanh")' in text
    page.fill("#script", text.replace("Dense(4,", "Dense(7,"))
    _until(page, "app.state.settings.layers[0].units === 7")
    page.fill("#script", text.replace('Dense(4, activation="tanh")', "Conv2D(4, 3)") + "\nimport os\n")
    page.wait_for_selector("#marks li")
    assert "line" in page.inner_text("#marks")
    assert _settings(page)["layers"][0]["units"] == 7
    page.click("#undo-script")
    assert "Dense(7," in page.input_value("#script")


def test_own_points_are_drawn_and_read_from_a_table(opened: Opened):
    page = opened("data=own&layers=4tanh")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    _until(page, "app.state.settings.points.length === 1")
    x, y, label = _settings(page)["points"][0]
    assert abs(x + 3) < 0.1 and abs(y - 3) < 0.1 and label == 1
    page.focus("#map")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    _until(page, "app.state.settings.points.length === 2")
    page.fill("#csv", "x1,x2,label\n1,2,0\n-1,-2,1\n3,-3,2\n")
    page.click("#csv-use")
    _until(page, "app.state.settings.points.length === 3 && app.state.outputs === 3")
    for event, holder, count in (
        ("DragEvent('drop'", "dataTransfer", 4),
        ("ClipboardEvent('paste'", "clipboardData", 5),
    ):
        page.evaluate(GIVE % {"event": event, "holder": holder, "rows": "1,2,0\\n" * count})
        _until(page, f"app.state.settings.points.length === {count}")
    page.fill("#csv", "1,2\n")
    page.click("#csv-use")
    page.wait_for_selector("#toast:not(:empty)")


def test_one_point_is_walked_forward_and_back(opened: Opened):
    page = opened("layers=2tanh")
    page.click("#tab-point")
    page.click("#point-pick")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector("#walk-title:not(:empty)")
    titles = [page.inner_text("#walk-title")]
    while page.is_enabled("#walk-next"):
        page.click("#walk-next")
        titles.append(page.inner_text("#walk-title"))
        if "Forward, dense_1: each sum" in titles[-1]:
            kernel, bias, *_ = page.evaluate(WEIGHTS)
            expected = 0.25 * kernel[2] + bias[0]
            assert f"= {expected:.3f}" in page.inner_text("#walk-formula").splitlines()[0]
            assert page.locator(".number").count() == 2
    assert len(titles) == 13 and "takes its step" in titles[-1]


def test_the_surface_of_the_loss_and_the_gradients_are_shown(opened: Opened):
    page = opened("data=circle&layers=" + "-".join(["4sigmoid"] * 10))
    _until(page, "document.querySelectorAll('#gradient-rows .fill').length === 11")
    _until(page, "document.querySelector('#gradient-verdict').textContent.includes('hardly learns')")
    page.click("#tab-surface")
    page.click("#surface-ask")
    _until(page, "document.querySelector('#surface-said').textContent.startsWith('Loss from')")


@pytest.mark.parametrize("width", [390, 3840])
def test_nothing_is_cut_off_and_everything_has_a_name(opened: Opened, width: int):
    page = opened(viewport={"width": width, "height": 900}, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, textarea, canvas[tabindex]')]
            .filter((e) => !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent.trim()))
            .map((e) => e.outerHTML)"""
    )
    assert nameless == []
