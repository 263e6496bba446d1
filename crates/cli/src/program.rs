//! The user's program behind one object-safe face.

use std::fmt::Display;
use std::marker::PhantomData;

use ferrocrete_core::Stack;
use ferrocrete_core::panics::caught_async;
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::config::{Filled, Layers, variable};
use crate::error::{CliError, Result};
use crate::io::Io;

/// What the commands need of a program.
pub(crate) trait Program {
    /// Reads its configuration and lets it declare into `stack`.
    fn declare<'a>(
        &'a self,
        layers: &'a Layers,
        io: &'a Io,
        stack: Stack,
    ) -> LocalBoxFuture<'a, Result<()>>;

    /// Which keys are secret; fails as `declare` would on a bad configuration.
    fn secrets<'a>(
        &'a self,
        layers: &'a Layers,
    ) -> LocalBoxFuture<'a, Result<std::collections::BTreeSet<String>>>;
}

/// A program with its configuration's type.
pub(crate) struct Typed<C, P, E> {
    program: P,
    types: PhantomData<fn(C) -> E>,
}

impl<C, P, E> Typed<C, P, E> {
    pub fn new(program: P) -> Self {
        Self { program, types: PhantomData }
    }
}

impl<C, P, E> Program for Typed<C, P, E>
where
    C: DeserializeOwned,
    P: AsyncFn(Stack, C) -> Result<(), E>,
    E: Display + 'static,
{
    fn declare<'a>(
        &'a self,
        layers: &'a Layers,
        io: &'a Io,
        stack: Stack,
    ) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let filled: Filled<C> = fill(layers, io).await?;
            let run = async { (self.program)(stack, filled.config).await };
            match caught_async(run).await {
                Ok(done) => done.map_err(CliError::from_program),
                Err(panic) => Err(CliError::panicked("the program", &panic)
                    .hint("nothing was changed; mend the program and run the command again")),
            }
        })
    }

    fn secrets<'a>(
        &'a self,
        layers: &'a Layers,
    ) -> LocalBoxFuture<'a, Result<std::collections::BTreeSet<String>>> {
        Box::pin(async move {
            // Showing needs no values, so nobody is asked for them.
            let filled: Filled<C> = layers.fill(async |_: &str| Some("-".to_owned())).await?;
            Ok(filled.secrets)
        })
    }
}

async fn fill<C: DeserializeOwned>(layers: &Layers, io: &Io) -> Result<Filled<C>> {
    let ask = async |key: &str| {
        if !io.is_interactive() {
            return None;
        }
        let question = format!("{key} (secret, or set {}): ", variable(key));
        io.ask_hidden(&question).await.map(|s| s.expose().clone())
    };
    let filled: Result<Filled<C>> = layers.fill(ask).await;
    if io.interrupt().count() > 0 {
        return Err(CliError::interrupted());
    }
    let filled = filled?;
    layers.warn_of_open_secrets(&filled.secrets, io);
    Ok(filled)
}
