//! How expensive passwords are.

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Passwords")]
pub struct PasswordConfig {
    /// bcrypt cost: 2^cost rounds for each password
    #[arg(long, env = "BCRYPT_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=20))]
    pub bcrypt_cost: u32,

    /// Passwords that are hashed at the same time; 0 means one for each core
    #[arg(long, env = "BCRYPT_CONCURRENCY", default_value_t = 0)]
    pub bcrypt_concurrency: usize,

    /// Passwords that may wait for their turn; more are answered `unavailable`
    #[arg(long, env = "BCRYPT_QUEUE", default_value_t = 200)]
    pub bcrypt_queue: usize,
}

impl PasswordConfig {
    /// Passwords that are hashed at the same time.
    pub fn concurrency(&self) -> usize {
        match self.bcrypt_concurrency {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            limit => limit,
        }
    }
}
