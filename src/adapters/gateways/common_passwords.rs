//! The list of common passwords that comes with zxcvbn (about 30,000, from public leaks).

use zxcvbn::matching::patterns::MatchPattern;

use crate::domain::interfaces::password_screen::PasswordScreen;

pub struct CommonPasswords;

impl PasswordScreen for CommonPasswords {
    fn is_common(&self, password: &str) -> bool {
        let password = password.to_lowercase();
        let estimate = zxcvbn::zxcvbn(&password, &[]);
        let [only] = estimate.sequence() else { return false };
        match &only.pattern {
            MatchPattern::Dictionary(found) => !found.reversed && !found.l33t,
            // Short ones stand on every list too, but are recognised as what they are before the list is asked.
            MatchPattern::Repeat(_) | MatchPattern::Sequence(_) => password.chars().count() <= 12,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_known() {
        for password in
            ["password", "Password", "12345678", "qwertyuiop", "iloveyou", "aaaaaaaaaa", "abcdefgh"]
        {
            assert!(CommonPasswords.is_common(password), "{password}");
        }
    }

    #[test]
    fn uncommon_ones_pass() {
        for password in [
            "correct horse battery",
            "goiabada com queijo",
            "tr0ub4dor&3-xy",
            "s3cret-passphrase",
            &"x".repeat(72),
        ] {
            assert!(!CommonPasswords.is_common(password), "{password}");
        }
    }
}
