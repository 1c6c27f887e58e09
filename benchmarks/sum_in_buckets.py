"""Whether sums of gradients gain by running beside the way back: `mpiexec -n 2 python benchmarks/sum_in_buckets.py`.

A way back of several layers, of which each makes a slice of the gradient final, and the sum over the processes: none,
one when all is done, one for each slice as soon as it is there, and the same with a look at those under way after each
layer. The ways take turns, and the least time of each counts.
"""

import time
from collections.abc import Callable

import numpy as np
from mpi4py import MPI

# Layers, their width, and rows of a batch.
CASES = ((4, 256, 64), (4, 1024, 128), (8, 512, 512), (2, 2048, 64))
TURNS = 30


def ways(world: MPI.Comm, layers: int, width: int, rows: int) -> dict[str, Callable[[], None]]:
    """What is compared, by name."""
    rng = np.random.default_rng(0)
    x, delta = (rng.normal(size=(rows, width)).astype("float32") for _ in range(2))
    kernels = rng.normal(size=(layers, width, width)).astype("float32")
    flat = np.zeros(kernels.size, "float32")
    slices = flat.reshape(kernels.shape)
    out = np.empty_like(delta)

    def layer(i: int) -> None:
        np.dot(x.T, delta, out=slices[i])
        np.dot(delta, kernels[i], out=out)

    def none() -> None:
        for i in range(layers):
            layer(i)

    def one() -> None:
        none()
        world.Allreduce(MPI.IN_PLACE, flat)

    def buckets(looks: bool = False) -> None:
        requests = []
        for i in range(layers):
            layer(i)
            requests.append(world.Iallreduce(MPI.IN_PLACE, slices[i]))
            if looks:
                MPI.Request.Testall(requests)
        MPI.Request.Waitall(requests)

    return {"no sum": none, "one sum": one, "buckets": buckets, "buckets, looked after": lambda: buckets(True)}


def main() -> None:
    """Print the table."""
    world = MPI.COMM_WORLD.Dup()
    is_first = world.Get_rank() == 0
    for case in CASES:
        compared = ways(world, *case)
        least = dict.fromkeys(compared, np.inf)
        for _ in range(TURNS):
            for name, run in compared.items():
                world.Barrier()
                begun = time.perf_counter()
                run()
                world.Barrier()
                least[name] = min(least[name], time.perf_counter() - begun)
        if is_first:
            if case == CASES[0]:
                print("| layers | n | rows | " + " | ".join(least) + " |\n|" + " --- |" * (3 + len(least)))
            print(
                "| " + " | ".join(map(str, case)) + " | " + " | ".join(f"{1e3 * t:.2f}" for t in least.values()) + " |"
            )


if __name__ == "__main__":
    main()
