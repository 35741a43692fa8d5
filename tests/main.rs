//! All integration tests in one binary: one link, one run.

mod architecture;
mod bindings;
mod documents;
mod gateways;
mod http;
mod socket;
mod support;
mod usecases;
