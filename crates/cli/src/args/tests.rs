use super::*;

fn cli(line: &str) -> Result<Parsed> {
    let args: Vec<String> = std::iter::once("target/debug/dev".to_owned())
        .chain(line.split_whitespace().map(str::to_owned))
        .collect();
    parse(&args, false)
}

fn command(line: &str) -> Cli {
    match cli(line) {
        Ok(Parsed::Command(cli)) => *cli,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn the_grammar_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn global_flags_stand_before_or_after() {
    for line in [
        "--env prod --set a.b=1 --set c=2 --sandbox -y -vv up",
        "up -e prod --set a.b=1 --set c=2 --sandbox --yes -vv",
    ] {
        let cli = command(line);
        assert_eq!(cli.global.env.as_deref(), Some("prod"));
        assert_eq!(cli.global.set, ["a.b=1", "c=2"]);
        assert!(cli.global.sandbox && cli.global.yes);
        assert_eq!(cli.global.verbose, 2);
        assert!(matches!(cli.command, Command::Up(_)));
    }
}

#[test]
fn times_are_global_too() {
    let cli = command("up --lock-timeout 10m --lease 20s");
    assert_eq!(cli.global.lock_timeout.as_deref(), Some("10m"));
    assert_eq!(cli.global.lease.as_deref(), Some("20s"));
}

#[test]
fn whatever_takes_exports_away_can_be_forced() {
    for line in ["up", "destroy", "plan", "plan --destroy"] {
        assert!(!command(line).command.force(), "{line}");
        assert!(command(&format!("{line} --force")).command.force(), "{line}");
    }
    assert!(cli("refresh --force").is_err());
}

#[test]
fn preview_is_plan() {
    let cli = command("preview --exit-code --format markdown");
    let Command::Plan(plan) = cli.command else { panic!() };
    assert!(plan.exit_code);
    assert_eq!(plan.format, PlanFormat::Markdown);
}

#[test]
fn a_wrong_command_line_is_three() {
    for line in ["uup", "up --parallel 0", "plan --format yaml", "outputs a b"] {
        let error = cli(line).unwrap_err();
        assert_eq!(error.exit, Exit::Usage, "{line}");
        assert!(!error.message.starts_with("error:"), "{}", error.message);
    }
    let error = cli("uup").unwrap_err();
    assert!(error.message.starts_with("unrecognized subcommand 'uup'"), "{}", error.message);
}

#[test]
fn without_a_command_there_is_help() {
    for line in ["", "state", "--sandbox backend"] {
        assert!(matches!(cli(line), Ok(Parsed::Nothing(_))), "{line}");
    }
}

#[test]
fn every_command_shows_examples_with_the_programs_name() {
    for line in [
        "--help",
        "up --help",
        "plan --help",
        "destroy --help",
        "refresh --help",
        "outputs --help",
        "state --help",
        "backend --help",
        "unlock --help",
        "config --help",
        "graph --help",
        "sandbox --help",
    ] {
        let Ok(Parsed::Help(help)) = cli(line) else { panic!("{line}") };
        assert!(help.contains("Examples:"), "{line}");
        assert!(!help.contains("{bin}"), "{line}");
        assert!(help.contains("  dev "), "{line}");
    }
}
