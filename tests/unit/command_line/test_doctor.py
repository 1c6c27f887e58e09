"""`kerasish doctor`: its report, and when it has advice."""

import numpy as np
import pytest

from kerasish._extras import EXTRAS, install_line
from kerasish.backend import fast
from kerasish.command_line import doctor, loops, machine, step_time
from kerasish.command_line.machine import Blas, core_type
from kerasish.command_line.step_time import StepTime
from kerasish.ops.convolution import window_of
from kerasish.ops.convolving import convolve

QUIET = {"cores": 2.0, "load": 0.5, "width": "AVX-512", "blas": Blas("openblas", "0.3", "SkylakeX", 2)}


@pytest.fixture
def on(monkeypatch):
    """A function that puts the doctor on a machine like `QUIET`, but for some facts."""

    def put(large=(1.4e-3, 1e-3), small=(30e-6, 0.5e-6), missing=(), bits=True, **facts):
        for name, value in (QUIET | facts).items():
            monkeypatch.setattr(machine, name, lambda value=value: value)
        monkeypatch.setattr(step_time, "large", lambda: StepTime(*large, 1.5))
        monkeypatch.setattr(step_time, "small", lambda: StepTime(*small, 60))
        monkeypatch.setattr(doctor, "_installed", lambda name: None if name in missing else "1.0")
        monkeypatch.setattr(fast, "is_installed", lambda: "numba" not in missing)
        monkeypatch.setattr(loops, "registers", lambda: (8, 6, 4))
        monkeypatch.setattr(loops, "has_numpys_bits", lambda: bits)
        monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)

    return put


def said(capsys, *arguments):
    assert doctor.main([*arguments]) == 0
    return capsys.readouterr().out


def test_a_machine_on_which_all_is_well(on, capsys):
    on()
    text = said(capsys)
    assert text.endswith("\nNothing to mend.\n")
    assert "openblas 0.3, takes the processor for SkylakeX (AVX-512)" in text
    assert "784-512-512-10, 128 rows: 1.40 ms; should be about 1.50 ms" in text
    assert "2-8-1, 4 rows: 30.0 µs; should be about 30.0 µs" in text
    assert all(f"\n{name}" in text for name in EXTRAS)


def test_an_extra_that_is_missing_comes_with_its_line(on, capsys):
    on(missing=("matplotlib", "soundfile"))
    text = said(capsys, "--quick")
    assert f"plot        missing: matplotlib ({EXTRAS['plot'].purpose})\n            {install_line('plot')}\n" in text
    assert install_line("audio") in text and install_line("image") not in text
    assert "a step of training" not in text


@pytest.mark.parametrize(
    ("facts", "advice"),
    [
        ({"blas": Blas("openblas", "0.3", "Haswell", 2)}, "Set OPENBLAS_CORETYPE=SkylakeX before"),
        ({"blas": Blas("openblas", "0.3", "Prescott", 2), "width": "AVX2"}, "Set OPENBLAS_CORETYPE=Haswell before"),
        ({"blas": Blas("openblas", "0.3", "Zen", 64)}, "64 threads for 2 core(s)"),
        ({"load": 3.0, "missing": ("threadpoolctl",)}, "set OPENBLAS_NUM_THREADS=1"),
        ({"large": (3.1e-3, 1e-3)}, "A step of 784-512-512-10, 128 rows takes 2.1 times what it should"),
        ({"small": (70e-6, 0.5e-6)}, "A step of 2-8-1, 4 rows takes 2.3 times"),
        ({"large": (140e-3, 100e-3)}, "Matrix products run at 4 billion"),
    ],
)
def test_what_is_wrong_is_said_with_the_cure(on, capsys, facts, advice):
    on(**facts)
    text = said(capsys)
    assert advice in text.partition("\n! ")[2] and "Nothing to mend" not in text


@pytest.mark.parametrize(("bits", "told"), [(True, "the same bits as"), (False, "other bits than NumPy's here")])
def test_loops_of_convolution(on, capsys, bits, told):
    on(bits=bits)
    text = said(capsys)
    assert f"\nconvolution sums in vectors of 8 float32, 6 x 4 of them in registers\n            {told}" in text
    assert told not in said(capsys, "--quick")
    on(missing=("numba",))
    assert "\nconvolution" not in said(capsys, "--quick")


@pytest.mark.parametrize("error", [0.0, 1e-6])
def test_a_loop_is_compared_with_the_calls_that_it_stands_for(monkeypatch, error):
    pytest.importorskip("numba")
    compiled = loops._compiled()
    assert loops.registers()[0] in (4, 8)

    def loop(part, x, matrix, bias, out, *rest):
        kernel = matrix.reshape(3, 3, x.shape[-1], -1)
        window = window_of(x[:, 0], kernel, strides=(1, 1), padding="same", dilation=(1, 1))
        out[...] = convolve(x[:, 0], kernel, window).ravel() + np.float32(error)

    monkeypatch.setitem(compiled.LOOPS, "convolve", lambda: loop)
    assert loops.has_numpys_bits() == (error == 0)


def test_loops_are_compared_within_a_family_of_processors():
    assert core_type("AVX-512", "AVX2") is None and core_type("AVX2", "AVX2") is None
    assert core_type(None, "AVX2") is None and core_type("SSE", None) is None
    assert Blas("openblas", "0.3", "NEOVERSEN1", 4).width is None and Blas("scipy-openblas", "0.3").width is None


def test_this_machine():
    assert machine.cores() > 0 and machine.processor() and machine.blas().name
    assert machine.width() in (*machine.WIDTHS, None)


def test_both_steps_are_timed(monkeypatch):
    monkeypatch.setattr(step_time, "ROUNDS", 1)
    monkeypatch.setattr(step_time, "LARGE", (8, 4, 4, 10))
    monkeypatch.setattr(step_time, "SMALL_STEPS", 4)
    monkeypatch.setattr(step_time.fast, "wait", lambda: True)
    assert step_time.operations() == 2 * 128 * (2 * 8 * 4 + 3 * 4 * 4 + 3 * 4 * 10)
    large, small = step_time.large(), step_time.small()
    assert large.step > large.yardstick > 0 and small.step > small.yardstick > 0
    assert small.expected == pytest.approx(60 * small.yardstick)
