//! Compare, solve, cluster: pure and parallel.
