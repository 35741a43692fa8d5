//! All marks of a person.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, marks::Marks},
    error::Result,
    interfaces::mark_repository::MarkRepository,
};

pub struct ListMarks {
    pub marks: Arc<dyn MarkRepository>,
}

impl ListMarks {
    /// # Errors
    /// `Unavailable`, `Internal`.
    pub async fn execute(&self, actor: Actor) -> Result<Marks> {
        self.marks.of(actor.user).await
    }
}
