//! [`Life`]: one stack in an account of its own, from its first `up` to its `destroy`; each of
//! the three may be killed on the way.

use std::fs::File;
use std::process::{Command, Stdio};

use crate::listing::Listing;
use crate::point::{Backend, Scenario, Trap};
use crate::proxy::Proxy;
use crate::user::{User, assert_no_secret};

const ENV: &str = "kill";
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
    pub user: User,
    backend: Backend,
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

type Problem = String;

impl Life {
    pub async fn new(backend: Backend) -> Result<Self, Problem> {
        let user = User::new(ENV).await;
        let life = Self { user, backend, empty: Listing::default() };
        if backend == Backend::S3 {
            life.run(life.direct(&["backend", "init"]), 0).await?;
        }
        let empty = Listing::of(&life.user).await;
        Ok(Self { empty, ..life })
    }

    /// Lives undisturbed, and writes down how.
    pub async fn quiet(&self, scenarios: &[Scenario]) -> Result<Quiet, Problem> {
        let mut quiet = Quiet::default();
        for &scenario in scenarios {
            let proxy = Proxy::start(self.user.account.endpoint(), None).await;
            self.run(self.through(&proxy.url, &self.args(scenario)), 0).await?;
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
                self.run(self.direct(&self.args(scenario)), 0).await?;
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
        let proxy = Proxy::start(self.user.account.endpoint(), Some(trap.clone())).await;
        let mut command = self.through(&proxy.url, &self.args(scenario));
        // The next run takes the lock over instead of being told to unlock.
        command.args(["--lease", "4"]);
        let printed = self.printed_to(&mut command);
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
            let left = self.run(self.direct(&["state", "list"]), 0).await?;
            if left.contains("AWS::") {
                return Err(format!("state still lists:\n{left}"));
            }
        } else {
            let mut plan = self.args(scenario);
            plan.splice(..2, ["plan", "--exit-code"].map(str::to_owned));
            self.run(self.direct(&plan), 0).await?;
        }
        let listing = Listing::of(&self.user).await;
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

    /// The example against the sandbox itself.
    fn direct(&self, args: &[impl AsRef<str>]) -> Command {
        self.through(self.user.account.endpoint(), args)
    }

    /// The example with another endpoint, as somebody with credentials runs it.
    fn through(&self, endpoint: &str, args: &[impl AsRef<str>]) -> Command {
        let args: Vec<_> = args.iter().map(AsRef::as_ref).collect();
        let mut command = self.user.bare(&args);
        let place = match self.backend {
            Backend::Local => self.user.local(),
            Backend::S3 => format!("s3://ferrocrete-state-{}", self.user.account.id),
        };
        let key = self.user.folder.path().join("key");
        command
            .envs(self.user.account.env())
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("FERROCRETE_BACKEND", place)
            .env("FERROCRETE_SECRETS", format!("keyfile:{}", key.display()));
        command
    }

    /// Runs to the end and expects this exit code; returns what was printed.
    async fn run(&self, mut command: Command, code: i32) -> Result<String, Problem> {
        let printed = self.printed_to(&mut command);
        let shown = format!("{:?}", command.get_args().collect::<Vec<_>>());
        let status = tokio::process::Command::from(command).status().await.unwrap();
        let text = read(&printed);
        if status.code() != Some(code) {
            return Err(format!("{shown} ended with {:?}, not {code}:\n{text}", status.code()));
        }
        Ok(text)
    }

    /// Sends what is printed to a file, so that nobody has to read along.
    fn printed_to(&self, command: &mut Command) -> std::path::PathBuf {
        let path = self.user.folder.path().join("printed");
        let file = File::create(&path).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        path
    }
}

fn read(printed: &std::path::Path) -> String {
    let bytes = std::fs::read(printed).unwrap();
    assert_no_secret("the output", &bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
