//! [`Life`]: one stack in an account of its own, from its first `up` to its `destroy`; each of
//! the three may be killed on the way.

use crate::example::{Backend, Example, Problem, read};
use crate::listing::Listing;
use crate::point::Scenario;
use crate::proxy::{Proxy, Trap};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4kD3Yq0b9b0hT1mCgdQ7o5m0x1B1l0XyqX0b2B a@b";

/// What [`Scenario::Replace`] changes: the zone, its record, a rule, the instance and its
/// association are replaced, the database grows, every tag changes, the key pair goes.
const CHANGES: [&str; 5] = [
    "root_domain=new.example.org",
    "ssh_cidr=198.51.100.0/24",
    "instance_type=t3.micro",
    "database.allocated_storage=30",
    "owner=somebody-else",
];

/// A stack whose runs are killed.
pub struct Life {
    example: Example,
    /// The account before the first `up`.
    empty: Listing,
}

/// What a life looks like when nobody kills it.
#[derive(Debug, Clone, Default)]
pub struct Quiet {
    /// Calls of each scenario, in order.
    pub calls: Vec<(Scenario, Vec<String>)>,
    /// The account after each.
    pub listings: Vec<(Scenario, Listing)>,
}

/// How a run that was to be killed went.
pub enum Killed {
    /// It was, at this call.
    At(String),
    /// It made fewer calls than the quiet run and got to its end.
    NotReached,
}

impl Life {
    pub async fn new(backend: Backend) -> Result<Self, Problem> {
        let example = Example::new("kill", backend).await?;
        let empty = Listing::of(&example.user).await;
        Ok(Self { example, empty })
    }

    /// Lives undisturbed, and writes down how.
    pub async fn quiet(&self, scenarios: &[Scenario]) -> Result<Quiet, Problem> {
        let mut quiet = Quiet::default();
        for &scenario in scenarios {
            let proxy = Proxy::start(self.example.user.account.endpoint(), None).await;
            self.example.run(0, self.example.through(&proxy.url, &self.args(scenario))).await?;
            quiet.calls.push((scenario, proxy.made()));
            quiet.listings.push((scenario, self.settled(scenario, None).await?));
        }
        Ok(quiet)
    }

    /// Runs `scenario`, kills it at `trap`, runs it again, and looks whether all is as declared.
    pub async fn killed(
        &self,
        scenario: Scenario,
        trap: &Trap,
        quiet: &Quiet,
    ) -> Result<Killed, Problem> {
        let killed = self.kill(scenario, trap).await?;
        let after = async {
            if matches!(killed, Killed::At(_)) {
                self.example.run(0, self.example.direct(&self.args(scenario))).await?;
            }
            self.settled(scenario, Some(quiet)).await
        };
        match (after.await, &killed) {
            (Ok(_), _) => Ok(killed),
            (Err(problem), Killed::At(call)) => Err(format!("killed at {call}: {problem}")),
            (Err(problem), Killed::NotReached) => Err(problem),
        }
    }

    async fn kill(&self, scenario: Scenario, trap: &Trap) -> Result<Killed, Problem> {
        let proxy = Proxy::start(self.example.user.account.endpoint(), Some(trap.clone())).await;
        let mut command = self.example.through(&proxy.url, &self.args(scenario));
        // The next run takes the lock over instead of being told to unlock.
        command.args(["--lease", "4s"]);
        let printed = self.example.printed_to(&mut command);
        let mut child = tokio::process::Command::from(command).spawn().unwrap();
        tokio::select! {
            ended = child.wait() => match ended.unwrap().code() {
                Some(0) => Ok(Killed::NotReached),
                code => Err(format!("it was not killed, but ended with {code:?}:\n{}", read(&printed))),
            },
            () = proxy.sprung() => {
                child.kill().await.unwrap();
                proxy.quiet().await;
                Ok(Killed::At(proxy.hit().expect("the trap sprang at a call")))
            }
        }
    }

    /// Nothing is left to do, and the account is as after an undisturbed run.
    async fn settled(&self, scenario: Scenario, quiet: Option<&Quiet>) -> Result<Listing, Problem> {
        if scenario == Scenario::Destroy {
            let left = self.example.run(0, self.example.direct(&["state", "list"])).await?;
            if left.contains("AWS::") {
                return Err(format!("state still lists:\n{left}"));
            }
        } else {
            let mut plan = self.args(scenario);
            plan.splice(..2, ["plan", "--exit-code"].map(str::to_owned));
            self.example.run(0, self.example.direct(&plan)).await?;
        }
        let listing = Listing::of(&self.example.user).await;
        let expected = match (scenario, quiet) {
            (Scenario::Destroy, _) => Some(&self.empty),
            (_, Some(quiet)) => {
                quiet.listings.iter().find(|(s, _)| *s == scenario).map(|(_, listing)| listing)
            }
            (_, None) => None,
        };
        match expected.map(|expected| listing.differences(expected)) {
            Some(differences) if !differences.is_empty() => {
                Err(format!("the account is not as declared:\n  {}", differences.join("\n  ")))
            }
            _ => Ok(listing),
        }
    }

    fn args(&self, scenario: Scenario) -> Vec<String> {
        let mut args = match scenario {
            Scenario::Destroy => vec!["destroy", "--yes"],
            _ => vec!["up", "--yes"],
        };
        match scenario {
            Scenario::Up => args.extend(["--set", "public_key=KEY"]),
            _ => args.extend(CHANGES.iter().flat_map(|change| ["--set", *change])),
        }
        args.into_iter().map(|arg| arg.replace("=KEY", &format!("={KEY}"))).collect()
    }
}
