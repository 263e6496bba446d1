//! What a user reads when something is wrong: what failed, why, what to do.

use ferrocrete::cli::Io;
use ferrocrete::ec2::SecurityGroup;
use ferrocrete::prelude::*;

use crate::user::{User, end};

async fn circular(stack: Stack, _: NoConfig) -> Result<()> {
    let group = |name| stack.add(name, SecurityGroup::builder().group_description("one of two"));
    let (web, database) = (group("web"), group("database"));
    stack.add_dependency(&web, &database);
    stack.add_dependency(&database, &web);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dependency_cycle() {
    let folder = tempfile::tempdir().unwrap();
    let io = Io::captured().cwd(folder.path());
    let outcome = Runner::new("shop").run_within(&["plan"], io, circular).await;
    assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""));
    insta::assert_snapshot!(outcome.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_does_not_fit() {
    let user = User::new("config").await;
    let file = user.folder.path().join("stack.config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("root_domain = \"dev.example.org\"\n", "")).unwrap();
    let missing = end(1, user.bare(&["plan"]));
    insta::assert_snapshot!("a_missing_key", user.redacted(&missing));
    std::fs::write(&file, text.replace("ssh_cidr", "ssh_cdir")).unwrap();
    let unknown = end(1, user.bare(&["plan"]));
    insta::assert_snapshot!("an_unknown_key", user.redacted(&unknown));
    std::fs::remove_file(&file).unwrap();
    let none = end(1, user.bare(&["plan"]));
    insta::assert_snapshot!("no_configuration", user.redacted(&none));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credentials() {
    let user = User::new("nobody").await;
    let mut command = user.bare(&["plan"]);
    command.env("AWS_REGION", "eu-central-1");
    insta::assert_snapshot!("no_credentials", end(1, command));
    insta::assert_snapshot!("no_region", end(1, user.bare(&["plan"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn state_that_cannot_be_used() {
    let user = User::new("state").await;
    let place = user.local();
    let plan = ["plan", "--backend", place.as_str()];
    let up = ["up", "--yes", "--backend", place.as_str()];
    user.expect(0, &up);
    let snapshot = user.folder.path().join("state/dev-example/state/snapshot.json");
    let good = std::fs::read_to_string(&snapshot).unwrap();

    let damaged = good.replacen("203.0.113.7", "203.0.113.8", 1);
    assert_ne!(damaged, good);
    let newer = good.replacen("\"version\": 1", "\"version\": 7", 1);
    assert_ne!(newer, good);
    for (name, text) in [("damaged_state", damaged), ("newer_state", newer)] {
        std::fs::write(&snapshot, &text).unwrap();
        insta::assert_snapshot!(name, user.redacted(&user.expect(1, &plan)));
        let same = user.expect(1, &up);
        assert!(same.contains("nothing was overwritten"), "{same}");
        assert_eq!(std::fs::read_to_string(&snapshot).unwrap(), text);
    }
    std::fs::write(&snapshot, good).unwrap();
    user.expect(0, &["plan", "--exit-code", "--backend", place.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_is_not_there() {
    let user = User::new("backend").await;
    user.expect(0, &["backend", "init"]);
    let bucket = format!("s3://ferrocrete-state-{}", user.account.id);
    for command in [&["plan"][..], &["up", "--yes"]] {
        let with = |url: &str| {
            let text = user.expect(1, &[command, &["--backend", url]].concat());
            user.redacted(&text)
        };
        let table = with(&format!("{bucket}?table=ferocrete"));
        insta::assert_snapshot!("a_wrong_table", table);
        insta::assert_snapshot!("no_such_bucket", with("s3://nobody-has-this-bucket/state"));
        let key = with(&format!("{bucket}?tabel=ferrocrete"));
        insta::assert_snapshot!("a_wrong_url", key);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_command_line() {
    let user = User::new("flag").await;
    insta::assert_snapshot!("a_wrong_flag", end(3, user.bare(&["plan", "--verbos"])));
    insta::assert_snapshot!("no_terminal", end(1, user.bare(&["up"])));
}
