"""PyClaw runs on one uniform grid, as a script: `python pyclaw_run.py OUTPUT NAME CELLS FINAL_TIME INTERVALS`.

Importing PyClaw opens `pyclaw.log` in the current folder and takes over the process's logging. So
`study.waves.generate` runs this file in another process, in a temporary folder. It imports nothing of the package.
"""

import sys

import numpy as np

GAMMA = 1.4


def euler(cells: int):
    """Interacting blast waves of Woodward and Colella; fields are density, velocity and pressure."""
    from clawpack import pyclaw, riemann

    solver = pyclaw.ClawSolver1D(riemann.euler_with_efix_1D)
    solver.limiters = pyclaw.limiters.tvd.MC
    solver.bc_lower[0] = solver.bc_upper[0] = pyclaw.BC.wall

    state = pyclaw.State(pyclaw.Domain([0.0], [1.0], [cells]), 3)
    state.problem_data["gamma"] = GAMMA
    state.problem_data["gamma1"] = GAMMA - 1.0
    x = state.grid.x.centers
    pressure = np.where(x < 0.1, 1000.0, np.where(x < 0.9, 0.01, 100.0))
    state.q[0] = 1.0
    state.q[1] = 0.0
    state.q[2] = pressure / (GAMMA - 1.0)
    return solver, state, primitive


def primitive(q: np.ndarray) -> np.ndarray:
    """Turn density, momentum and energy (3, P) into density, velocity and pressure (P, 3)."""
    density, momentum, energy = q
    velocity = momentum / density
    pressure = (GAMMA - 1.0) * (energy - 0.5 * density * velocity**2)
    return np.stack([density, velocity, pressure], axis=-1)


def acoustics(cells: int):
    """A ring of pressure 1 + cos(pi (r - 0.5) / 0.2), at rest."""
    from clawpack import pyclaw, riemann

    solver = _solver_2d(riemann.acoustics_2D, pyclaw.limiters.tvd.vanleer)
    state = pyclaw.State(pyclaw.Domain([-1.0, -1.0], [1.0, 1.0], [cells, cells]), 3)
    density, modulus = 1.0, 4.0
    speed = np.sqrt(modulus / density)
    state.problem_data |= {"rho": density, "bulk": modulus, "cc": speed, "zz": density * speed}
    r = np.hypot(*state.grid.p_centers)
    state.q[:] = 0.0
    state.q[0] = np.where(np.abs(r - 0.5) <= 0.2, 1 + np.cos(np.pi * (r - 0.5) / 0.2), 0.0)
    return solver, state, first_component


def burgers(cells: int):
    """1 on a square, 0.1 elsewhere."""
    from clawpack import pyclaw, riemann

    solver = _solver_2d(riemann.burgers_2D, pyclaw.limiters.tvd.vanleer)
    state = pyclaw.State(pyclaw.Domain([0.0, 0.0], [1.0, 1.0], [cells, cells]), 1)
    x1, x2 = state.grid.p_centers
    state.q[0] = np.where((0.1 < x1) & (x1 < 0.6) & (0.1 < x2) & (x2 < 0.6), 1.0, 0.1)
    return solver, state, first_component


def advection(cells: int):
    """An interface at x2 = 0.5 in a swirl; the velocities at cell edges are differences of the stream function."""
    from clawpack import pyclaw, riemann

    solver = _solver_2d(riemann.vc_advection_2D, pyclaw.limiters.tvd.MC)
    solver.aux_bc_lower[:] = solver.aux_bc_upper[:] = [pyclaw.BC.periodic] * 2
    state = pyclaw.State(pyclaw.Domain([0.0, 0.0], [1.0, 1.0], [cells, cells]), 1, 2)
    state.q[0] = np.where(state.grid.p_centers[1] < 0.5, 1.0, 0.0)
    s = np.sin(np.pi * np.linspace(0, 1, cells + 1)) ** 2
    psi = np.outer(s, s) / np.pi
    velocity = np.stack([np.diff(psi, axis=1)[:-1], -np.diff(psi, axis=0)[:, :-1]]) * cells  # left, lower edges

    def swing(solver, state) -> None:
        state.aux[:] = velocity * np.cos(2 * np.pi * (state.t + solver.dt / 2) / 4)

    swing(solver, state)
    solver.before_step = swing
    return solver, state, first_component


def first_component(q: np.ndarray) -> np.ndarray:
    """Turn a solution (components, n1, n2) into the first component's values (P, 1), the second axis fastest."""
    return q[0].reshape(-1, 1)


def _solver_2d(riemann_solver, limiter):
    from clawpack import pyclaw

    solver = pyclaw.ClawSolver2D(riemann_solver)
    solver.limiters = limiter
    solver.dimensional_split = False
    solver.transverse_waves = solver.trans_cor
    solver.bc_lower[:] = solver.bc_upper[:] = [pyclaw.BC.periodic] * 2
    return solver


def solve(name: str, cells: int, final_time: float, intervals: int) -> dict[str, np.ndarray]:
    """Run one of the problems above; return times (T,), values (T, P, m) and Clawpack's version."""
    import clawpack
    from clawpack import pyclaw

    problems = {"euler": euler, "acoustics": acoustics, "burgers": burgers, "advection": advection}
    solver, state, fields = problems[name](cells)
    solver.cfl_desired, solver.cfl_max = 0.9, 1.0
    run = pyclaw.Controller()
    run.solution = pyclaw.Solution(state, pyclaw.Domain(state.patch))
    run.solver = solver
    run.tfinal = final_time
    run.num_output_times = intervals
    run.keep_copy = True
    run.output_format = None
    run.verbosity = 0
    run.run()
    return {
        "t": np.array([frame.t for frame in run.frames]),
        "u": np.stack([fields(frame.q) for frame in run.frames]),
        "version": np.array(clawpack.__version__),
    }


if __name__ == "__main__":
    np.savez(sys.argv[1], **solve(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])))
