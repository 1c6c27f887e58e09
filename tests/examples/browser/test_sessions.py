"""Links, reloads, tabs, a server that dies and comes back, strangers, and a reader who presses everything."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
Opened = Callable[..., Any]
WEIGHTS = "Array.from(app.frame.arrays.get('weights/0/0').values)"
FRESH = "import('/app.js').then((module) => { window.app = module.app; })"


def _until(page: Any, condition: str) -> None:
    page.wait_for_function(f"() => {condition}")


def _again(page: Any) -> None:
    page.evaluate(FRESH)
    _until(page, "window.app.frame !== null")


def test_a_reload_and_a_link_restore_the_settings(opened: Opened, server: Any):
    page = opened("data=spiral&layers=6relu-dropout0.3-norm-3tanh&features=x1,x2,sin(x1)&learning_rate=0.3")
    before = page.evaluate("app.state.settings")
    assert [layer["kind"] for layer in before["layers"]] == ["dense", "dropout", "batch_normalization", "dense"]
    assert before["features"] == ["x1", "x2", "sin(x1)"]
    page.select_option("#set-size", "50")
    _until(page, "location.hash.includes('batch_size=50')")
    page.click("#link")
    page.wait_for_selector("#toast:not(:empty)")
    page.reload()
    _again(page)
    assert page.evaluate("app.state.settings") == {**before, "batch_size": 50}
    page.evaluate("location.hash = 'data=own&points=1,2,0 -1,-2,1'")
    _until(page, "app.state.settings.points.length === 2 && app.state.settings.batch_size === 10")
    page.reload()
    _again(page)
    assert page.evaluate("app.state.settings.points") == [[1, 2, 0], [-1, -2, 1]]
    # A link of the course does not know the token; the page has kept it.
    page.goto(f"http://127.0.0.1:{server.port}/#data=circle&layers=2tanh")
    _again(page)
    assert page.evaluate("[app.connection, app.state.settings.data]") == ["connected", "circle"]


def test_every_lesson_opens_and_stands_in_the_course(opened: Opened):
    page = opened()
    lessons = page.evaluate("import('/lessons.js').then((module) => module.LESSONS)")
    assert len(lessons) >= 6
    for lesson in lessons:
        page.select_option("#lesson", lesson["hash"])
        data = re.search(r"data=(\w+)", lesson["hash"])[1]
        layers = [part for part in lesson["hash"].rpartition("layers=")[2].split("-") if part]
        _until(page, f"app.state.settings.data === '{data}' && app.state.settings.layers.length === {len(layers)}")
        _until(page, "app.frame.header.revision === app.state.revision")
    chapter = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "learn").glob("*playground.md"))
    assert not [lesson["name"] for lesson in lessons if f"/#{lesson['hash']})" not in chapter]


def test_two_tabs_do_not_disturb_each_other(opened: Opened):
    first, second = opened("layers=3tanh"), opened("data=circle&layers=2relu")
    first.click("#play")
    _until(first, "app.frame.header.epoch > 3")
    assert second.evaluate("[app.frame.header.epoch, app.state.playing, app.state.settings.data]") == [
        0,
        False,
        "circle",
    ]
    second.select_option("#set-rate", "1")
    _until(second, "app.state.settings.learning_rate === 1")
    assert first.evaluate("[app.state.settings.learning_rate, app.state.settings.data]") == [0.03, "xor"]


def test_the_server_dies_and_comes_back(opened: Opened, server: Any):
    page = opened("data=gauss&layers=2tanh")
    page.click("#play")
    _until(page, "app.frame.header.epoch >= 3")
    page.click("#play")
    _until(page, "!app.state.playing && app.frame.header.epoch === app.state.epoch")
    epoch, weights = page.evaluate(f"[app.frame.header.epoch, {WEIGHTS}]")
    page.evaluate("window.old = app.frame")
    server.kill()
    _until(page, "app.connection !== 'connected'")
    assert page.inner_text("#status") == "The server is gone; trying again"
    server.start()
    _until(page, "app.connection === 'connected' && app.frame !== window.old")
    assert page.evaluate(f"[app.frame.header.epoch, {WEIGHTS}, app.state.settings.data]") == [epoch, weights, "gauss"]
    page.click("#step")
    _until(page, f"app.frame.header.epoch === {epoch + 1}")
    page.wrong.clear()  # the browser writes down that it could not connect


def test_strangers_are_refused(opened: Opened, new_page: Callable[..., Any], server: Any):
    page = new_page()
    page.goto(f"http://127.0.0.1:{server.port}/?token=wrong")
    page.wait_for_selector("#status[data-state=refused]")
    # A page of another origin, even with the right token: the browser says where it comes from.
    knock = f"""() => new Promise((done) => {{
        const socket = new WebSocket('ws://127.0.0.1:{server.port}/ws?token={server.token}');
        socket.onopen = () => done('let in');
        socket.onclose = () => done('refused');
    }})"""
    page.goto("about:blank")
    assert page.evaluate(knock) == "refused"
    page.goto(server.address)
    assert page.evaluate(knock) == "let in"
    # Another name for the same machine is another host.
    answer = page.request.get(f"http://localhost:{server.port}/", headers={"Host": "playground.example"})
    assert answer.status in (400, 403, 421)
    assert "default-src" in page.request.get(server.address).headers["content-security-policy"]
    page.wrong.clear()


SCRIPT = """
import keras
import numpy as np

x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 5, "float32")
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "tanh"), keras.layers.Dense(1, "sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, (x[:, :1] != x[:, 1:]).astype("float32"), epochs=1, verbose=0)
"""


def test_a_script_shows_its_own_model(new_page: Callable[..., Any], server: Any, tmp_path: Path):
    script = tmp_path / "my_script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    own = type(server)(str(script))
    try:
        page = new_page()
        page.goto(own.address)
        _again(page)
        assert page.evaluate("[app.state.layers.map((one) => one.units), app.state.inputs.length]") == [[3, 1], 2]
        assert page.input_value("#script") == SCRIPT
        assert "my_script.py" in page.inner_text("#notes")
        assert page.is_disabled("#set-optimizer") and not page.is_visible("#datasets")
        page.select_option("#set-rate", "0.1")
        page.click("#step")
        _until(page, "app.frame.header.epoch === 1 && app.state.settings.learning_rate === 0.1")
    finally:
        own.kill()


PRESS = """async (count) => {
    let seed = 7;
    const chance = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 65536) % n; };
    const done = [];
    while (done.length < count) {
        const all = [...document.querySelectorAll('button, select, input, .hit')].filter((e) =>
            (e.checkVisibility?.() ?? true) && !e.disabled && !e.closest('[popover]') && e.type !== 'file'
            && !['export', 'link', 'copy-script', 'surface-ask', 'theme'].includes(e.id));
        const element = all[chance(all.length)];
        if (element.tagName === 'SELECT') {
            const choices = [...element.options].filter((o) => o.value !== '');
            element.value = choices[chance(choices.length)].value;
            element.dispatchEvent(new Event('change', { bubbles: true }));
        } else if (element.type === 'range') {
            element.value = String(Number(element.min) + chance(5) / 4 * (Number(element.max) - Number(element.min)));
            element.dispatchEvent(new Event('input', { bubbles: true }));
        } else if (element.tagName === 'INPUT' && element.type === 'number') {
            element.value = String(chance(3));
            for (const name of ['input', 'change']) element.dispatchEvent(new Event(name, { bubbles: true }));
        } else element.dispatchEvent(new MouseEvent('click', { bubbles: true }));
        done.push(element.id || element.getAttribute('aria-label') || element.textContent || element.className.baseVal);
        await new Promise((resolve) => setTimeout(resolve, 12));
    }
    return done;
}"""


def test_two_hundred_changes_at_random_leave_no_error(opened: Opened):
    page = opened()
    done = page.evaluate(PRESS, 200)
    assert len(set(done)) > 40
    assert page.evaluate("app.connection") == "connected"
    number = page.evaluate("app.frame.header.number")
    page.evaluate("document.getElementById('step').click()")
    page.evaluate("document.getElementById('lesson').value = 'data=xor&layers=4tanh'")
    page.evaluate("document.getElementById('lesson').dispatchEvent(new Event('change'))")
    _until(page, f"app.frame.header.number > {number} && app.frame.header.revision === app.state.revision")
    _until(page, "app.state.settings.layers.length === 1")
