use super::{CommandError, say};
use crate::{
    config::{data::MakeAdminOptions, database::DatabaseUrl},
    domain::{entities::user::Username, error::DomainError, usecases::admin::make_admin::MakeAdmin},
    infrastructure::database::Storage,
};

pub(super) async fn run(options: &MakeAdminOptions) -> Result<(), CommandError> {
    let username = Username::parse(&options.username).map_err(|error| CommandError::Account(error.reason))?;
    if let DatabaseUrl::Sqlite(file) = options.database.url()
        && !file.exists()
    {
        return Err(CommandError::Account(format!("{} is not there", file.display())));
    }
    let (storage, feed) = Storage::open(&options.database).await?;
    // Whatever is told has nobody to hear it here.
    drop(feed);
    let made = made(&storage, &username).await;
    storage.connection.close().await;
    made?;
    say(&format!("{} is an administrator", username.as_str()));
    Ok(())
}

async fn made(storage: &Storage, username: &Username) -> Result<(), CommandError> {
    storage.connection.prepare().await?;
    let make = MakeAdmin { users: storage.users.clone(), accounts: storage.accounts.clone() };
    make.execute(username).await.map_err(|error| {
        let name = username.as_str();
        CommandError::Account(match error {
            DomainError::NotFound(_) => {
                format!(
                    "nobody here is called {name}; who comes from another application signs in once before"
                )
            }
            DomainError::Invalid(fields) => {
                let reasons: Vec<String> = fields.into_iter().map(|field| field.reason).collect();
                format!("{name} {}", reasons.join(", "))
            }
            other => match other.cause() {
                Some(cause) => format!("{other}: {cause}"),
                None => other.to_string(),
            },
        })
    })
}
