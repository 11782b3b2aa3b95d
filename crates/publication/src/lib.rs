//! Released cells as tables and pictures.
