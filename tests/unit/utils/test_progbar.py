"""The progress bar on a pseudo-terminal, in a log file and in what it computes."""

import importlib.util
import io
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import kerasish as keras
from kerasish.utils import Progbar, progbar
from kerasish.utils.progbar import _duration, print_line

ROOT = Path(__file__).resolve().parents[3]


def on_terminal(program, columns=80, **environment):
    """What a program writes to a terminal."""
    fcntl, pty, termios = (pytest.importorskip(name) for name in ("fcntl", "pty", "termios"))
    import struct

    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **environment}
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=child, stderr=child, env=variables
    )
    os.close(child)
    written = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:  # how Linux tells that the other end was closed
            break
        if not piece:
            break
        written += piece
    os.close(parent)
    assert process.wait() == 0, written.decode()
    return written.decode()


def screen(written):
    """The lines that are left to see: a carriage return goes back to the line's begin, to write over it."""
    lines = []
    for line in re.sub(r"\x1b\[\d*m", "", written).replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


LOOP = """
    import time
    from kerasish.utils import Progbar, progbar
    bar = Progbar({target}, stateless_metrics=[])
    for step in range(10):
        time.sleep({pause})
        bar.update(step + 1, [("loss", 1 / (step + 1))], finalize=False)
    bar.update(10, [("loss", 0.5), ("val_loss", 0.25)], finalize=True)
    print("after")
"""


def test_a_terminal_shows_a_bar_that_moves_and_then_a_full_one():
    written = on_terminal(LOOP.format(target=10, pause=0.06))
    drawn = re.findall(r"(\d+)/10 \x1b\[32m(━*)(─*)\x1b", written)
    assert [int(n) for n, _, _ in drawn] == [*range(1, 11), 10]
    assert all(len(full) == 2 * int(n) and len(full + rest) == 20 for n, full, rest in drawn)
    final, after, end = screen(written)
    assert re.fullmatch(r"10/10 ━{20} \ds \d+ms/step - loss: 0\.5000 - val_loss: 0\.2500", final)
    assert (after, end) == ("after", "")


def test_an_unknown_number_of_steps_on_a_terminal():
    written = on_terminal(LOOP.format(target=None, pause=0.06))
    assert "      1/Unknown 0s" in written
    assert re.fullmatch(r"     10/Unknown \ds \d+ms/step - loss: 0\.5000 - val_loss: 0\.2500", screen(written)[0])


def test_fast_steps_are_drawn_once_and_do_not_import_tqdm():
    written = on_terminal(LOOP.format(target=10, pause=0) + "    import sys; print('tqdm' in sys.modules)\n")
    assert written.count("/10 ") == 1 and "False" in written


def test_a_narrow_terminal_cuts_the_moving_bar_but_not_the_last_line():
    written = on_terminal(LOOP.format(target=10, pause=0.06), columns=40)
    plain = re.sub(r"\x1b\[\d*m", "", written)
    moving = [part for part in plain.split("\r") if re.match(r" \d/10", part)]
    assert moving and all(len(part) <= 40 for part in moving)
    assert "loss: 0.5000 - val_loss: 0.2500" in plain


@pytest.mark.parametrize("columns", [30, 40, 50, 60, 80])
def test_on_a_narrow_terminal_the_bar_shrinks_and_the_numbers_stay(columns):
    written = on_terminal(LOOP.format(target=10, pause=0.06), columns=columns)
    plain = re.sub(r"\x1b\[\d*m", "", written)
    moving = [part for part in plain.split("\r") if re.match(r" \d/10", part)]
    assert moving and all(len(part) < columns for part in moving)
    assert all(re.search(r"\ds .*loss: \d\.\d{4}$", part.rstrip()) for part in moving)
    shown = {len(re.findall("[━─]", part)) for part in moving}
    assert max(shown) == 20 if columns >= 60 else max(shown) < 20
    assert min(shown) >= 3 or columns == 30
    final = screen(written)[0] if columns == 80 else plain
    assert "loss: 0.5000 - val_loss: 0.2500" in final


def test_names_are_cut_before_numbers():
    program = LOOP.replace('("loss", 1 / (step + 1))', '("accuracy", 0.75), ("loss", 0.25)')
    written = on_terminal(program.format(target=10, pause=0.06), columns=36)
    assert re.search(r"\r 4/10 accura: 0\.7500 - loss: 0\.2500 *\r", re.sub(r"\x1b\[\d*m", "", written))


def test_the_last_line_fits_where_it_can():
    program = """
        import time
        from kerasish.utils import Progbar
        bar = Progbar(10)
        time.sleep(0.06)
        bar.update(5, [("loss", 1.0)])
        bar.update(10, [("loss", 0.5)])
    """
    (line, _) = screen(on_terminal(program, columns=45))
    assert re.fullmatch(r"10/10 ━{3,19} 0s \d+ms/step - loss: 0\.\d{4}", line) and len(line) < 45


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_an_interrupted_bar_ends_its_line(method):
    written = on_terminal(f"""
        import time
        import numpy as np
        import kerasish as keras

        def batches():
            for i in range(5):
                time.sleep(0.06)
                yield (np.ones((2, 2)), np.ones((2, 1))) if "{method}" != "predict" else np.ones((2, 2))
            raise KeyboardInterrupt

        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        try:
            model.{method}(batches(), {"steps_per_epoch" if method == "fit" else "steps"}=9)
        except KeyboardInterrupt:
            print("stopped")
    """)
    *_, bar, after, end = screen(written)
    assert re.match(r"\d/9 ", bar) and (after, end) == ("stopped", "")


def test_a_message_stands_above_the_bar():
    written = on_terminal("""
        import time
        from kerasish.utils.progbar import Progbar, print_line
        bar = Progbar(3)
        time.sleep(0.06)
        bar.update(1)
        print_line("a message")
        bar.update(3)
    """)
    assert [line.split(" ")[0] for line in screen(written)] == ["a", "3/3", ""]


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_turned_off(environment):
    assert "\x1b[32m" not in on_terminal(LOOP.format(target=10, pause=0.01), **environment)


def test_a_terminal_without_unicode():
    written = on_terminal(LOOP.format(target=10, pause=0.06), PYTHONIOENCODING="ascii")
    assert "=" * 20 in written and "==--" in written and "━" not in written


def test_a_notebook_shows_its_own_bar_and_then_a_line(monkeypatch, capsys):
    widgets = []

    class Widget:
        def __init__(self, **arguments):
            self.__dict__.update(arguments)
            self.shown = [arguments["desc"]]
            widgets.append(self)

        def refresh(self):
            self.shown.append(self.desc)

        def close(self):
            self.shown.append("closed")

    monkeypatch.setattr(progbar, "_is_live", lambda: True)
    monkeypatch.setattr(progbar, "bar_class", lambda: (Widget, True))
    bar = Progbar(3, interval=0)
    for step in range(3):
        bar.update(step + 1, [("loss", 0.5)])
    (widget,) = widgets
    assert widget.bar_format == "{n:>1}/{total} {bar} {desc}" and (widget.total, widget.initial, widget.n) == (3, 1, 3)
    assert [text.split(" - ")[-1] for text in widget.shown] == ["loss: 0.5000"] * 2 + ["closed"]
    assert capsys.readouterr().out.count("3/3 ") == 1


def test_elsewhere_there_is_one_line(capsys):
    bar = Progbar(3, interval=0)
    for step in range(3):
        bar.update(step + 1, [("loss", float(step))])
    assert re.fullmatch(r"3/3 ━{20} 0s \d+us/step - loss: 2\.0000\n", capsys.readouterr().out)


def test_an_unfinished_bar_prints_nothing_elsewhere(capsys):
    Progbar(3, interval=0).update(2, [("loss", 1.0)])
    assert capsys.readouterr().out == ""


def test_metrics_are_averaged_unless_stateful(capsys):
    bar = Progbar(4, verbose=2, stateful_metrics=["accuracy"])
    bar.update(1, [("loss", 1.0), ("accuracy", 0.25)])
    bar.update(3, [("loss", 4.0), ("accuracy", 0.5)])
    bar.update(4, finalize=True)
    assert capsys.readouterr().out.endswith(" - loss: 3.0000 - accuracy: 0.5000\n")


def test_the_last_values_are_shown_as_they_are(capsys):
    bar = Progbar(2, verbose=2)
    bar.update(1, [("loss", 1.0)])
    bar.update(2, [("loss", 4.0)])
    assert capsys.readouterr().out.endswith(" - loss: 4.0000\n")


def test_only_the_named_metrics_are_averaged(capsys):
    bar = Progbar(3, verbose=2, stateless_metrics=["loss"])
    bar.update(1, [("loss", 1.0), ("accuracy", 0.25)])
    bar.update(2, [("loss", 2.0), ("accuracy", 0.5)])
    bar.update(3, finalize=True)
    assert capsys.readouterr().out.endswith(" - loss: 1.5000 - accuracy: 0.5000\n")


@pytest.mark.parametrize(
    "value, shown",
    [(0.5, "0.5000"), (-2.0, "-2.0000"), (1e-5, "1.0000e-05"), (0, "0.0000e+00"), ([1.0, 2.0], "1.5000"), ("x", "x")],
)
def test_how_a_value_is_shown(capsys, value, shown):
    Progbar(1, verbose=2).update(1, [("v", value)])
    assert capsys.readouterr().out.endswith(f" - v: {shown}\n")


def test_add_counts_on(capsys):
    bar = Progbar(3, verbose=2)
    bar.add(1)
    bar.add(2, [("loss", 1.0)])
    assert capsys.readouterr().out.startswith("3/3 - 0s - ")


@pytest.mark.parametrize(
    "seconds, shown", [(-1, "0s"), (0.9, "0s"), (60, "60s"), (61, "1:01"), (3600, "60:00"), (3661.5, "1:01:01")]
)
def test_how_a_duration_is_shown(seconds, shown):
    assert _duration(seconds) == shown


@pytest.mark.parametrize("seconds, shown", [(2.0, "2s"), (0.25, "250ms"), (25e-6, "25us")])
def test_the_first_step_does_not_count_for_the_pace(monkeypatch, capsys, seconds, shown):
    clock = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    bar = Progbar(5, verbose=2, unit_name="sample")
    clock[0] += 30
    for step in range(5):
        bar.update(step + 1)
        clock[0] += seconds if step < 3 else seconds * (step == 3) or 0
    assert f" - {shown}/sample" in capsys.readouterr().out


def test_both_kinds_of_names_at_once_are_refused():
    with pytest.raises(ValueError, match="not both"):
        Progbar(1, stateful_metrics=["a"], stateless_metrics=["b"])


def test_printing_survives_a_narrow_encoding_and_no_output_at_all(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii"))
    print_line("größe")
    assert raw.getvalue().split() == [b"gr??e"]
    monkeypatch.setattr("sys.stdout", None)
    print_line("nothing")
    Progbar(1).update(1)
    assert len(raw.getvalue().split()) == 1


def test_progress_goes_to_the_log_where_that_is_set(capsys, caplog):
    keras.config.disable_interactive_logging()
    try:
        with caplog.at_level("INFO", logger="kerasish"):
            Progbar(2, verbose=2).update(2, [("loss", 0.5)])
    finally:
        keras.config.enable_interactive_logging()
    assert capsys.readouterr().out == ""
    assert [record.getMessage().endswith("loss: 0.5000") for record in caplog.records] == [True]


@pytest.mark.parametrize("found", [False, True])
def test_a_notebook_without_widgets_gets_a_bar_of_text_and_no_warning(monkeypatch, found):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found or None if name == "ipywidgets" else real(name))
    progbar.bar_class.cache_clear()
    bar, is_widget = progbar.bar_class()
    assert not is_widget  # this is no notebook
    assert ("tqdm.asyncio" in {base.__module__ for base in bar.__mro__}) == found
    progbar.bar_class.cache_clear()
