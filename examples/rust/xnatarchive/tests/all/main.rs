//! The package's tests, in one program. `run_tests.sh` says what they need.
mod callbacks;
mod lifetime;
mod round;
mod support;
