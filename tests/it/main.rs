//! All integration tests in one binary: one link, one run.

mod architecture;
mod bindings;
mod gateways;
mod socket;
mod support;
