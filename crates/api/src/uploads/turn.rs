use super::finish::{Turned, finish, take};
use super::line::Weight;
use crate::app::App;
use crate::db::upload::{Model, State};
use crate::problems::ApiError;

/// Waits for the turn of a file that has landed, and checks it. Nothing is held meanwhile, no lease and no byte: a lease would run out, as
/// if the file were to blame. Where this process has the file in its line already, there is nothing to do.
pub async fn check_in_turn(app: &App, upload: Model) -> Result<(), ApiError> {
    let Some(_ticket) = app.workshop.ticket(upload.id) else { return Ok(()) };
    let mut upload = upload;
    let (mut weight, mut cost) = (Weight::Light, upload.estimated_ms.unsigned_abs());
    loop {
        let bench = tokio::select! {
            bench = app.workshop.bench(upload.user_id, weight, cost) => bench.map_err(ApiError::internal)?,
            () = app.life.letting_go.cancelled() => return Err(ApiError::overloaded(5)),
        };
        let Some(taken) = take(app, &upload, app.clock.now()).await? else { return Ok(()) };
        match finish(app, &taken, bench).await? {
            Turned::Ended => return Ok(()),
            Turned::TooHeavy { ms } => {
                (weight, cost) = (Weight::Heavy, ms.into());
                upload = Model { state: State::Pending, lease_id: None, lease_until: None, ..taken };
            }
        }
    }
}
