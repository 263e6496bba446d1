use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::state::{Holder, LocalBackend, StateBackend};
use ferrocrete_core::{Error, Stack};

use crate::fake::{Config, Network, PASSWORD, Server, World};

#[test]
fn somebody_else_holds_the_lock() {
    let world = World::new();
    world.run("up --yes");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let backend = LocalBackend::new(world.path().join(".ferrocrete"), "shop", "dev");
    let holder =
        Holder { id: "1".into(), who: "ben@laptop".into(), pid: 4242, command: "up".into() };
    let ttl = std::time::Duration::from_secs(15);
    let lease = runtime.block_on(backend.acquire(&holder, ttl)).unwrap();
    let second = world.run("up --yes --set size=5");
    assert_eq!(second.code, 4, "{}", second.stderr);
    assert!(
        second.stderr.contains("the stack is locked by ben@laptop (pid 4242), running `up` since"),
        "{}",
        second.stderr
    );
    assert!(second.stderr.contains("hint: wait for it to finish"), "{}", second.stderr);
    assert_eq!(world.run("plan").code, 0, "a plan takes no lock");
    let show = world.run("backend show").stdout;
    assert!(show.contains("lock      held by ben@laptop (pid 4242)"), "{show}");

    let no = world.run_with("unlock", world.io().answer("n"));
    assert_eq!(no.code, 1);
    assert!(no.stderr.contains("The lock is held by ben@laptop (pid 4242)"), "{}", no.stderr);
    let yes = world.run("unlock --yes");
    assert_eq!(yes.code, 0, "{}", yes.stderr);
    assert!(
        yes.stdout.contains("unlocked; it was held by ben@laptop (pid 4242)"),
        "{}",
        yes.stdout
    );
    assert!(runtime.block_on(backend.renew(&lease)).is_err(), "the old holder has lost it");
    assert_eq!(world.run("unlock --yes").stdout, "nobody holds the lock\n");
}

#[test]
fn a_step_fails() {
    let mut world = World::new();
    world.cloud.broken = true;
    let up = world.run("up --yes");
    assert_eq!(up.code, 5, "{}", up.stderr);
    assert!(
        up.stdout
            .contains("failed: create Server `web`\n  fake:CreateServer: no room left (NoRoom)\n"),
        "{}",
        up.stdout
    );
    assert!(up.stdout.contains("1 created; 1 failed. Run `up` again"), "{}", up.stdout);
    assert!(!up.stdout.contains("Exports\n  password  ="), "{}", up.stdout);
    world.cloud.broken = false;
    let again = world.run("up --yes");
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stdout.contains(": 1 created, 1 unchanged.\n"), "{}", again.stdout);
}

#[test]
fn ctrl_c_in_the_middle() {
    let mut world = World::new();
    let interrupt = Interrupt::new();
    world.cloud.interrupt = Some(interrupt.clone());
    let up = world.run_with("up --yes", world.io().interrupted_by(interrupt));
    assert_eq!(up.code, 130, "{}{}", up.stdout, up.stderr);
    assert!(up.stdout.contains("Interrupted after "), "{}", up.stdout);
    assert!(up.stdout.contains("s: 1 created; 1 not started."), "{}", up.stdout);
    world.cloud.interrupt = None;
    assert_eq!(world.run("up --yes").code, 0);
    assert_eq!(world.cloud.ids(), ["net-1", "srv-1"]);
}

#[test]
fn ctrl_c_before_anything() {
    let world = World::new();
    let interrupt = Interrupt::new();
    interrupt.raise();
    let up = world.run_with("up --yes", world.io().interrupted_by(interrupt));
    assert_eq!(up.code, 130);
    assert!(up.stderr.contains("error: interrupted: nothing was changed"), "{}", up.stderr);
    assert!(world.cloud.ids().is_empty());
    assert_eq!(world.run("up --yes").code, 0, "the lock was given back");
}

#[test]
fn no_credentials() {
    let mut world = World::new();
    world.cloud.no_credentials = true;
    let plan = world.run("plan");
    assert_eq!(plan.code, 1, "{}", plan.stderr);
    assert!(
        plan.stderr.starts_with("error: there are no usable AWS credentials"),
        "{}",
        plan.stderr
    );
    for way in ["aws sso login", "--profile", "AWS_ACCESS_KEY_ID", "--sandbox"] {
        assert!(plan.stderr.contains(way), "{way}: {}", plan.stderr);
    }
}

#[test]
fn damaged_state() {
    let world = World::new();
    world.run("up --yes");
    let folder = world.path().join(".ferrocrete/shop/dev");
    let snapshot = std::fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.file_name().unwrap().to_string_lossy().contains("snapshot"))
        .expect("a snapshot");
    let text = std::fs::read_to_string(&snapshot).unwrap().replace("srv-1", "srv-2");
    std::fs::write(&snapshot, text).unwrap();
    let plan = world.run("plan");
    assert_eq!(plan.code, 1);
    assert!(plan.stderr.contains("is damaged"), "{}", plan.stderr);
    assert!(plan.stderr.contains("hint: "), "{}", plan.stderr);
}

#[test]
fn secrets_are_nowhere_in_plain() {
    let world = World::new();
    world.run("up --yes");
    world.run("up --yes --set size=2 --json");
    let mut folders = vec![world.path()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(PASSWORD.len()).any(|w| w == PASSWORD.as_bytes());
            assert!(!found, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 3);
}

#[test]
fn backends_that_are_none() {
    let world = World::new();
    let bad = world.run("plan --backend gs://bucket");
    assert_eq!(bad.code, 1);
    assert!(bad.stderr.contains("`gs://bucket` is not a place for state"), "{}", bad.stderr);
    let io = world.io().env("FERROCRETE_BACKEND", "s3://Bad_Bucket");
    let bad = world.run_with("plan", io);
    assert!(bad.stderr.contains("Bad_Bucket") && bad.stderr.contains("hint:"), "{}", bad.stderr);
    let s3 = world.run("plan --backend s3://bucket?region=eu-central-1");
    assert!(s3.stderr.contains("it is not said what encrypts the secrets"), "{}", s3.stderr);
    assert!(s3.stderr.contains("FERROCRETE_PASSPHRASE") && s3.stderr.contains("kms:KEY"));
}

#[test]
fn a_passphrase_is_asked_for_twice_at_first() {
    let world = World::new();
    let io = world.io().answer("a").answer("b");
    let differ = world.run_with("up --yes --secrets passphrase", io);
    assert!(differ.stderr.contains("the two passphrases differ"), "{}", differ.stderr);
    let io = world.io().answer("correct horse").answer("correct horse");
    let up = world.run_with("up --yes --secrets passphrase", io);
    assert_eq!(up.code, 0, "{}", up.stderr);
    let io = world.io().env("FERROCRETE_PASSPHRASE", "battery staple");
    let wrong = world.run_with("plan --secrets passphrase", io);
    assert!(wrong.stderr.contains("the passphrase is wrong"), "{}", wrong.stderr);
    let none = world.run("plan --secrets passphrase");
    assert!(none.stderr.contains("set FERROCRETE_PASSPHRASE"), "{}", none.stderr);
    let other = world.run("plan");
    assert_eq!(other.code, 1, "another way of keeping keys is refused: {}", other.stdout);
}

#[test]
fn a_panic_in_the_program_is_an_error() {
    let world = World::new();
    let panics = async |_: Stack, _: Config| -> Result<(), Error> { panic!("no luck today") };
    for line in ["plan", "up --yes"] {
        let outcome = world.run_program(line, world.io(), panics);
        assert_eq!(outcome.code, 1, "{}", outcome.stderr);
        let error = outcome.stderr;
        assert!(error.starts_with("error: the program panicked: no luck today (at "), "{error}");
        assert!(error.contains("trouble.rs:") && error.contains("hint: nothing was changed"));
    }
    let json = world.run_program("plan --json", world.io(), panics);
    assert!(json.stdout.contains(r#""format":"ferrocrete-error""#), "{}", json.stdout);
}

#[test]
fn a_panic_in_a_closure_gives_the_lock_back() {
    let world = World::new();
    let panics = async |stack: Stack, config: Config| -> Result<(), Error> {
        let network = stack.add("net", Network::builder().cidr(config.cidr));
        let size = network.network_id.map(|id: String| -> i32 { panic!("no size for {id}") });
        stack.add("web", Server::builder().network_id(&network.network_id).size(size));
        Ok(())
    };
    let first = world.run_program("up --yes", world.io(), panics);
    assert_eq!(first.code, 5, "{}", first.stderr);
    let all = first.stdout + &first.stderr;
    assert!(all.contains("property `size`") && all.contains("no size for net-1"), "{all}");
    // The network's id is known by now, so that it is the plan that fails.
    let second = world.run_program("up --yes", world.io(), panics);
    assert_eq!(second.code, 1, "{}", second.stderr);
    assert!(second.stderr.contains("`web`: property `size`: "), "{}", second.stderr);
    assert_eq!(world.run("up --yes").code, 0, "nobody holds the lock");
}
