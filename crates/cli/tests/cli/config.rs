use ferrocrete_cli::{NoConfig, Runner};
use ferrocrete_core::{Error, Secret, Stack};
use serde::Deserialize;

use crate::fake::{PASSWORD, World};

#[test]
fn layers_win_in_order() {
    let world = World::new();
    let size = |line: &str, env: Option<&str>| {
        let io = match env {
            Some(value) => world.io().env("FERROCRETE_CONFIG_SIZE", value),
            None => world.io(),
        };
        let plan = world.run_with(line, io).stdout;
        let line = plan.lines().find(|l| l.contains("size:")).unwrap_or("none").to_owned();
        line.rsplit(' ').next().unwrap_or("").to_owned()
    };
    assert_eq!(size("plan", None), "1");
    assert_eq!(size("plan", Some("2")), "2");
    assert_eq!(size("plan --set size=3", Some("2")), "3");
}

#[test]
fn the_environment_picks_file_and_stack() {
    let world = World::new();
    world.file("stack.prod.toml", "cidr = \"10.7.0.0/16\"\nsize = 9\n");
    let plan = world.run("plan --env prod").stdout;
    assert!(plan.starts_with("Plan for shop/prod\n") && plan.contains("10.7.0.0/16"), "{plan}");
    let io = world.io().env("FERROCRETE_ENV", "prod");
    assert!(world.run_with("plan", io).stdout.starts_with("Plan for shop/prod\n"));
    let none = world.run("plan --env stage");
    assert_eq!(none.code, 1);
    assert!(none.stderr.contains("there is no stack.stage.toml for environment `stage`"));
    assert!(none.stderr.contains("there are: stack.dev.toml, stack.prod.toml"), "{}", none.stderr);
    assert_eq!(world.run("plan --env ../x").code, 3);
}

#[test]
fn messages_name_key_and_place() {
    let world = World::new();
    let says = |file: &str, line: &str, expected: &str| {
        world.file("stack.dev.toml", file);
        let outcome = world.run(line);
        assert_eq!(outcome.code, 1, "{}", outcome.stdout);
        assert!(outcome.stderr.contains(expected), "wanted {expected}\ngot {}", outcome.stderr);
    };
    let good = "cidr = \"10.0.0.0/16\"\nsize = 1\n";
    says("size = 1\n", "plan", "error: key `cidr` is missing in stack.dev.toml\n");
    says(
        "size = 1\n",
        "plan",
        "hint: add it to stack.dev.toml, set FERROCRETE_CONFIG_CIDR, or pass --set cidr=VALUE",
    );
    says(
        &format!("{good}sise = 2\n"),
        "plan",
        "error: unknown key `sise` (stack.dev.toml:3); did you mean `size`?",
    );
    says(
        &format!("{good}zzz = 2\n"),
        "plan",
        "unknown key `zzz` (stack.dev.toml:3); there are `cidr`, `size`, `password`",
    );
    says(good, "plan --set sise=2", "unknown key `sise` (--set); did you mean `size`?");
    says(
        "cidr = \"10.0.0.0/16\"\nsize = \"big\"\n",
        "plan",
        "key `size`: expected a whole number from -2147483648 to 2147483647, found text (stack.dev.toml:2)",
    );
    says(good, "plan --set size=big", "key `size`: expected a whole number");
    says(good, "plan --set size=99999999999", "found a number that does not fit (--set)");
    says("cidr = \n", "plan", "stack.dev.toml:1 is not valid TOML");
    says(
        &format!("{good}[ferrocrete]\nbakend = \"x\"\n"),
        "plan",
        "unknown key `ferrocrete.bakend` (stack.dev.toml:4); did you mean `ferrocrete.backend`?",
    );
    says(&format!("{good}[ferrocrete]\nparallel = 0\n"), "plan", "`parallel` must be a number");
    says(&format!("{good}[ferrocrete]\nlease = \"0s\"\n"), "plan", "`lease` is not a time");
    says(&format!("{good}[ferrocrete]\nsecrets = \"rot13\"\n"), "plan", "not a way to keep a key");
    world.file("stack.dev.toml", good);
    let usage = world.run("plan --set nonsense");
    assert_eq!(usage.code, 3);
    assert!(usage.stderr.contains("--set needs a key and a value"), "{}", usage.stderr);
    let usage = world.run("up --lock-timeout soon");
    assert_eq!(usage.code, 3);
    let help = "give a time from 0 to 86400 seconds, such as `15s`";
    assert!(usage.stderr.contains(help), "{}", usage.stderr);
}

#[test]
fn secrets_come_from_variables_or_the_prompt() {
    let world = World::new();
    let io = || ferrocrete_cli::Io::captured().cwd(world.path());
    let missing = world.run_with("plan", io());
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("key `password` is missing"), "{}", missing.stderr);
    assert!(
        missing
            .stderr
            .contains("hint: it is secret: set FERROCRETE_CONFIG_PASSWORD, or run on a terminal"),
        "{}",
        missing.stderr
    );
    let asked = world.run_with("plan", io().answer(PASSWORD));
    assert_eq!(asked.code, 0, "{}", asked.stderr);
    assert!(asked.stderr.contains("password (secret, or set FERROCRETE_CONFIG_PASSWORD):"));
    let args = format!("plan --set password={PASSWORD}");
    let open = world.run_with(&args, io());
    assert!(open.stderr.contains("warning: `password` is secret"), "{}", open.stderr);
}

#[test]
fn no_message_quotes_a_secret() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "String")]
    struct Picky;
    impl TryFrom<String> for Picky {
        type Error = String;
        fn try_from(text: String) -> Result<Self, String> {
            Err(format!("`{text}` is not picky enough"))
        }
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code)]
    struct Config {
        plain: Option<Picky>,
        typed: Option<Secret<Picky>>,
        named: Option<Picky>,
        number: Option<Secret<u16>>,
    }
    let world = World::new();
    world.file("stack.dev.toml", "");
    let run = |key: &str| {
        let io = ferrocrete_cli::Io::captured()
            .cwd(world.path())
            .env(&format!("FERROCRETE_CONFIG_{key}"), "s3cr3t");
        let runner = Runner::new("shop").config::<Config>().secret_keys(["named"]);
        runner.run_from(&["graph"], io, async |_: Stack, _: Config| Ok::<(), Error>(())).stderr
    };
    assert!(run("PLAIN").contains("key `plain`: `s3cr3t` is not picky enough"));
    for key in ["TYPED", "NAMED", "NUMBER"] {
        let text = run(key);
        assert!(text.contains(&format!("key `{}`", key.to_lowercase())), "{text}");
        assert!(!text.contains("s3cr3t"), "{text}");
    }
}

#[test]
fn a_configuration_that_complains_as_a_whole_quotes_no_secret_either() {
    #[derive(Debug, Deserialize)]
    struct Raw {
        password: Secret,
    }
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Raw")]
    struct Config;
    impl TryFrom<Raw> for Config {
        type Error = String;
        fn try_from(raw: Raw) -> Result<Self, String> {
            Err(format!("{} is too short", raw.password.expose()))
        }
    }
    let world = World::new();
    world.file("stack.dev.toml", "");
    let io = ferrocrete_cli::Io::captured()
        .cwd(world.path())
        .env("FERROCRETE_CONFIG_PASSWORD", PASSWORD);
    let program = async |_: Stack, _: Config| Ok::<(), Error>(());
    let outcome = Runner::new("shop").config::<Config>().run_from(&["graph"], io, program);
    assert_eq!(outcome.code, 1);
    assert!(!outcome.stderr.contains(PASSWORD), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("`stack.dev.toml` is not accepted"), "{}", outcome.stderr);
}

#[test]
fn nested_keys_and_every_kind_of_value() {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "kebab-case")]
    struct Config {
        database: Database,
        web: Vec<String>,
        ports: Vec<u16>,
        size: Size,
        on: bool,
        ratio: f64,
        name: String,
        tls_name: Option<String>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Database {
        host: String,
        port: u16,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        Small,
        Custom { cpu: u8 },
    }
    let world = World::new();
    world.file(
        "stack.dev.toml",
        "size = \"small\"\nname = \"x\"\n[database]\nhost = \"a\"\nport = 1\n[ferrocrete]\nregion = \"eu-central-1\"\n",
    );
    let io = ferrocrete_cli::Io::captured()
        .cwd(world.path())
        .env("FERROCRETE_CONFIG_DATABASE__PORT", "5433")
        .env("FERROCRETE_CONFIG_WEB", "a,b")
        .env("FERROCRETE_CONFIG_TLS_NAME", "t")
        .env("FERROCRETE_CONFIG_NAME", "123");
    let args = [
        "graph",
        "--set",
        "ports=[80, 443]",
        "--set",
        "size={ custom = { cpu = 4 } }",
        "--set",
        "on=true",
        "--set",
        "ratio=2",
        "--set",
        "database.host=\"quoted\"",
    ];
    let seen = std::cell::RefCell::new(None);
    let outcome = Runner::new("shop").config::<Config>().run_from(
        &args,
        io,
        async |_: Stack, config: Config| {
            *seen.borrow_mut() = Some(config);
            Ok::<(), Error>(())
        },
    );
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let expected = Config {
        database: Database { host: "quoted".into(), port: 5433 },
        web: vec!["a".into(), "b".into()],
        ports: vec![80, 443],
        size: Size::Custom { cpu: 4 },
        on: true,
        ratio: 2.0,
        name: "123".into(),
        tls_name: Some("t".into()),
    };
    assert_eq!(seen.into_inner().unwrap(), expected);
}

#[test]
fn config_show_says_where_values_come_from() {
    let world = World::new();
    world.file(
        "stack.dev.toml",
        "cidr = \"10.0.0.0/16\"\nsize = 1\n[ferrocrete]\nbackend = \"file://state\"\n",
    );
    let shown = world.run("config show --set size=4 --parallel 8");
    assert_eq!(
        shown.stdout,
        "\
cidr = \"10.0.0.0/16\"                 #  stack.dev.toml:1
password = (secret)                  #  environment variable FERROCRETE_CONFIG_PASSWORD
size = \"4\"                           #  --set
ferrocrete.backend = \"file://state\"  #  stack.dev.toml:4
ferrocrete.parallel = \"8\"            #  --parallel
"
    );
    let json = world.run("config show --json").stdout;
    assert!(json.contains(r#"{"key":"password","secret":true,"source":"#), "{json}");
    world.run("up --yes");
    assert!(world.path().join("state/shop/dev").is_dir());
}

#[test]
fn a_program_without_configuration_needs_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let io = || ferrocrete_cli::Io::captured().cwd(folder.path());
    let program = async |stack: Stack, _: NoConfig| {
        stack.export("greeting", "hello");
        Ok::<(), Error>(())
    };
    let up = Runner::new("shop").run_from(&["up", "--yes"], io(), program);
    assert_eq!(up.code, 0, "{}", up.stderr);
    assert!(up.stdout.contains("+ greeting: \"hello\""), "{}", up.stdout);
    let greeting = Runner::new("shop").run_from(&["outputs", "greeting"], io(), program);
    assert_eq!(greeting.stdout, "hello\n");
    let set = Runner::new("shop").run_from(&["plan", "--set", "a=1"], io(), program);
    assert!(set.stderr.contains("unknown key `a` (--set)"), "{}", set.stderr);
}
