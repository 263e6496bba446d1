//! `state history`, `restore`, `verify` and `audit`.

use ferrocrete_cli::Outcome;
use ferrocrete_core::{Error, Secret, Stack};
use serde_json::Value;

use crate::fake::{Config, Network, World};

const SNAPSHOT: &str = ".ferrocrete/shop/dev/snapshot.json";
const JOURNAL: &str = ".ferrocrete/shop/dev/journal.jsonl";

fn document(outcome: &Outcome) -> Value {
    let value: Value = serde_json::from_str(outcome.stdout.trim_end()).unwrap();
    assert_eq!(value["version"], 1);
    value
}

/// The first run writes two snapshots: an empty one, and what it made.
fn applied_twice() -> World {
    let world = World::new();
    for line in ["up --yes", "up --yes --set size=2"] {
        let up = world.run(line);
        assert_eq!(up.code, 0, "{}", up.stderr);
    }
    world
}

#[test]
fn history_says_who_when_and_where() {
    let world = World::new();
    assert!(world.run("state history").stderr.contains("shop/dev has no snapshots"));
    let world = applied_twice();
    let history = world.run("state history");
    assert_eq!((history.code, history.stderr.as_str()), (0, ""));
    let lines: Vec<Vec<&str>> =
        history.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["SERIAL", "TIME", "RESOURCES", "BY", "COMMAND", "BYTES", "WHERE"]);
    assert_eq!(lines.len(), 4, "{}", history.stdout);
    assert_eq!(lines[1][..2], ["3", "(present)"]);
    assert_eq!(lines[2][0], "2");
    assert_eq!(lines[2][2..5], ["2", "anna@build-7", "up"]);
    assert!(lines[2][6].ends_with("/.ferrocrete/shop/dev/history/00000002.json"));
    assert_eq!(lines[3][2], "0");
    assert_eq!(world.run("state history --limit 1").stdout.lines().count(), 3);

    let json = document(&world.run("state history --json"));
    assert_eq!(json["format"], "ferrocrete-history");
    let serials: Vec<u64> = json["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["serial"].as_u64().unwrap())
        .collect();
    assert_eq!(serials, [3, 2, 1]);
    assert_eq!(json["snapshots"][0]["present"], true);
    assert_eq!(json["snapshots"][1]["resources"], 2);
    // Whoever has lost the key can still look.
    std::fs::remove_file(world.path().join(".ferrocrete/key")).unwrap();
    assert_eq!(world.run("state history").stdout, history.stdout);
}

#[test]
fn a_former_snapshot_comes_back() {
    let world = applied_twice();
    world.run("destroy --yes");
    let none = world.run("state restore 2");
    assert_eq!(none.code, 1);
    assert!(
        none.stderr.contains("hint: add --yes to go on without a question: state restore 2 --yes")
    );
    let no = world.run_with("state restore 2", world.io().answer("n"));
    assert_eq!(no.code, 1);
    assert!(no.stdout.starts_with("snapshot 2 holds 2 resources ("), "{}", no.stdout);
    assert!(no.stdout.contains("written by anna@build-7 with `up` at 20"), "{}", no.stdout);
    let returned = "  state would list again (whether or not they still exist):\n    \
                    Fake::Network net\n    Fake::Server web\n";
    assert!(no.stdout.contains(returned), "{}", no.stdout);
    assert!(no.stderr.contains("declined: nothing was changed"), "{}", no.stderr);
    assert_eq!(world.run("state list").stdout, "");

    let yes = world.run_with("state restore 2", world.io().answer("y"));
    assert_eq!(yes.code, 0, "{}", yes.stderr);
    assert!(yes.stdout.contains("\nsnapshot 2 is back as 5, with 2 resources;"), "{}", yes.stdout);
    assert_eq!(world.run("state list").stdout.lines().count(), 2);
    let history = world.run("state history").stdout;
    assert!(history.contains("state restore 2"), "{history}");
    // They are gone, which the next plan sees.
    assert_eq!(world.run("plan --exit-code").code, 2);

    let json = document(&world.run("state restore 4 --yes --json"));
    assert_eq!((&json["from"], &json["serial"]), (&4.into(), &6.into()));
    assert_eq!(json["forgotten"].as_array().unwrap().len(), 2);
    let unknown = world.run("state restore 77 --yes");
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("serial 77 is kept"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("hint: choose one that `state history` lists"));
    assert_eq!(world.run("state restore minus-one").code, 3);
}

#[test]
fn a_record_is_forgotten_and_the_resource_stays() {
    let world = applied_twice();
    let unknown = world.run("state forget nobody --yes");
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("state has no resource `nobody`"), "{}", unknown.stderr);
    assert_eq!(world.run("state forget web").code, 1, "nobody can be asked");
    assert_eq!(world.run("state list").stdout.lines().count(), 2);
    let json = document(&world.run("state forget web --yes --json"));
    assert_eq!(json["format"], "ferrocrete-forget");
    assert_eq!(json["generations"], serde_json::json!([1]));
    assert_eq!(world.run("state list").stdout.lines().count(), 1);
    assert_eq!(world.cloud.items.lock().unwrap().len(), 2, "it stays");
}

#[test]
fn damage_is_told_and_a_restore_gets_over_it() {
    let world = applied_twice();
    let sound = world.run("state verify");
    assert_eq!(sound.code, 0, "{}", sound.stderr);
    assert!(
        sound
            .stdout
            .starts_with("snapshot 3 with 2 resources and 0 journal entries after it are sound"),
        "{}",
        sound.stdout
    );
    assert_eq!(document(&world.run("state verify --json"))["sound"], true);

    let path = world.path().join(SNAPSHOT);
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, good.replace("srv-1", "srv-2")).unwrap();
    let found = world.run("state verify");
    assert_eq!((found.code, found.stdout.as_str()), (1, ""));
    assert!(found.stderr.contains("does not have the recorded checksum"), "{}", found.stderr);
    assert!(found.stderr.contains("hint: list former snapshots with `state history`"));
    let json = world.run("state verify --json");
    assert_eq!(json.code, 1);
    assert_eq!(document(&json)["problems"].as_array().unwrap().len(), 1);
    assert!(world.run("state history").stdout.contains("recorded checksum"));

    let restored = world.run("state restore 3 --yes");
    assert_eq!(restored.code, 0, "{}", restored.stderr);
    assert!(restored.stdout.contains("state cannot be read now: "), "{}", restored.stdout);
    assert!(restored.stdout.contains("snapshot 3 is back as 5, with 2 resources"));
    assert_eq!(world.run("state verify").code, 0);
    assert_eq!(world.run("plan --exit-code --set size=2").code, 0, "nothing was lost");

    std::fs::remove_file(world.path().join(JOURNAL)).unwrap();
    let gone = world.run("state verify");
    assert!(gone.stderr.contains("journal.jsonl is damaged: the file is gone"), "{}", gone.stderr);
}

#[test]
fn state_and_account_are_compared() {
    let mut world = World::new();
    world.cloud.broken = true;
    assert_eq!(world.run("up --yes").code, 5);
    world.cloud.broken = false;
    assert_eq!(world.run("up --yes").code, 0);
    let clean = world.run("state audit --exit-code");
    assert_eq!(clean.code, 0, "{}{}", clean.stdout, clean.stderr);
    assert_eq!(
        clean.stdout,
        "2 resources in state, 2 things with its tags in the account: state and account agree\n"
    );
    // Snapshot 2 knows the network only.
    assert_eq!(world.run("state restore 2 --yes").code, 0);
    let found = world.run("state audit");
    assert_eq!(found.code, 0, "{}", found.stderr);
    let orphans = "In the account with this stack's tags, but not in state:\n  \
                   Fake::Server web  srv-1\n  what to do: ";
    assert!(found.stdout.starts_with(orphans), "{}", found.stdout);
    assert!(
        found.stdout.ends_with(
            "1 resources in state, 2 things with its tags in the account: they differ\n"
        )
    );
    assert_eq!(world.run("state audit --exit-code").code, 2);

    assert_eq!(world.run("state restore 3 --yes").code, 0);
    world.cloud.items.lock().unwrap().remove("srv-1");
    let found = world.run("state audit --exit-code");
    assert_eq!(found.code, 2);
    let gone = "In state, but gone from the account:\n  Fake::Server web  srv-1\n";
    assert!(found.stdout.starts_with(gone), "{}", found.stdout);
    let json = document(&world.run("state audit --json"));
    assert_eq!(json["format"], "ferrocrete-audit");
    assert_eq!(
        (&json["clean"], &json["recorded"], &json["tagged"]),
        (&false.into(), &2.into(), &1.into())
    );
    assert_eq!(json["gone"][0]["id"], "srv-1");
    assert_eq!(json["orphans"], Value::Array(Vec::new()));
    // Somebody else's stack in the same account is not this one's.
    let other = World { cloud: world.cloud.clone(), ..World::new() };
    other.file("stack.prod.toml", "cidr = \"10.1.0.0/16\"\nsize = 1\n");
    assert_eq!(other.run("up --yes --env prod").code, 0);
    assert_eq!(document(&world.run("state audit --json"))["tagged"], 1);
}

#[test]
fn what_has_become_secret_is_scrubbed() {
    let world = World::new();
    let open = async |stack: Stack, config: Config| -> Result<(), Error> {
        stack.add("net", Network::builder().cidr(config.cidr).tags([("word", "correct-horse")]));
        Ok(())
    };
    let hidden = async |stack: Stack, config: Config| -> Result<(), Error> {
        let word = Secret::new("correct-horse".to_owned());
        let network = Network::builder().cidr(config.cidr).tags([("word", word.to_output())]);
        stack.add("net", network);
        Ok(())
    };
    assert_eq!(world.run_program("up --yes", world.io(), open).code, 0);
    let up = world.run_program("up --yes", world.io(), hidden);
    assert_eq!(up.code, 0, "{}", up.stderr);
    assert!(!up.stdout.contains("correct-horse"), "{}", up.stdout);
    assert!(up.stdout.contains("Fake::Network net: tags"), "{}", up.stdout);
    assert!(up.stderr.contains("former snapshots: 2; `state scrub`"), "{}", up.stderr);
    let declined = world.run_with("state scrub", world.io().answer("n"));
    assert_eq!(declined.code, 1);
    assert!(declined.stdout.contains("\n  2  net  ("), "{}", declined.stdout);
    let json = document(&world.run("state scrub --json --yes"));
    assert_eq!(json["format"], "ferrocrete-scrub");
    assert_eq!(json["removed"][0]["serial"], 2);
    let again = world.run("state scrub --yes").stdout;
    assert_eq!(again, "No former snapshot holds in plain what is secret now.\n");
}
