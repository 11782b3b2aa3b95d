//! milchglas-demo
fn main() {}
