//! How far long work is, for the person who waits for it.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// An archive is read through.
    Check,
    /// Records are carried.
    Carry,
    /// What depends on the whole is derived.
    Settle,
    /// What was stored is read back.
    Compare,
}

pub trait Progress: Send + Sync {
    /// A step begins, and the one before it has ended. `total` counts records, when it is known.
    fn begin(&self, step: Step, total: Option<u64>);

    /// So many more records are done.
    fn advance(&self, records: u64);

    /// The last step has ended.
    fn end(&self);
}
