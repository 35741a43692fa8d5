//! Between the domain and the world: wire types, controllers, and implementations of the ports.

pub mod controllers;
pub mod dto;
pub mod gateways;
