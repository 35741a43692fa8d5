//! What a chat is: values and rules, the ports it needs, and what people do with it. Knows no framework.

pub mod entities;
pub mod error;
pub mod interfaces;
pub mod usecases;
