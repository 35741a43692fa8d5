//! Knowledge of passwords that everybody tries first.

pub trait PasswordScreen: Send + Sync {
    /// Whether the password stands on a list of common passwords.
    fn is_common(&self, password: &str) -> bool;
}
