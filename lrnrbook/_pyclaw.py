"""The solver run behind the Euler data set, as a script: `python _pyclaw.py OUTPUT CELLS FINAL_TIME INTERVALS`.

Importing PyClaw opens `pyclaw.log` in the current folder and takes over the process's logging. So
`lrnrbook.generate` runs this file in another process, in a temporary folder. It imports nothing of the package.
"""

import sys

import numpy as np

GAMMA = 1.4


def solve_euler(cells: int, final_time: float, intervals: int) -> dict[str, np.ndarray]:
    """Run the interacting blast waves of Woodward and Colella; return times (T,), values (T, P, 3), version."""
    import clawpack
    from clawpack import pyclaw, riemann

    solver = pyclaw.ClawSolver1D(riemann.euler_with_efix_1D)
    solver.limiters = pyclaw.limiters.tvd.MC
    solver.cfl_desired, solver.cfl_max = 0.9, 1.0
    solver.bc_lower[0] = solver.bc_upper[0] = pyclaw.BC.wall

    domain = pyclaw.Domain([pyclaw.Dimension(0.0, 1.0, cells, name="x")])
    state = pyclaw.State(domain, 3)
    state.problem_data["gamma"] = GAMMA
    state.problem_data["gamma1"] = GAMMA - 1.0
    x = state.grid.x.centers
    pressure = np.where(x < 0.1, 1000.0, np.where(x < 0.9, 0.01, 100.0))
    state.q[0] = 1.0
    state.q[1] = 0.0
    state.q[2] = pressure / (GAMMA - 1.0)

    run = pyclaw.Controller()
    run.solution = pyclaw.Solution(state, domain)
    run.solver = solver
    run.tfinal = final_time
    run.num_output_times = intervals
    run.keep_copy = True
    run.output_format = None
    run.verbosity = 0
    run.run()
    return {
        "t": np.array([frame.t for frame in run.frames]),
        "u": np.stack([primitive(frame.q) for frame in run.frames]),
        "version": np.array(clawpack.__version__),
    }


def primitive(q: np.ndarray) -> np.ndarray:
    """Turn density, momentum and energy (3, P) into density, velocity and pressure (P, 3)."""
    density, momentum, energy = q
    velocity = momentum / density
    pressure = (GAMMA - 1.0) * (energy - 0.5 * density * velocity**2)
    return np.stack([density, velocity, pressure], axis=-1)


if __name__ == "__main__":
    np.savez(sys.argv[1], **solve_euler(int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
