//! `milchglas-department`: what a department runs.

fn main() {}
