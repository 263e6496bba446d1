//! Which memory goes with which CPU.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>

/// CPU units, least and most MiB, and the step between.
const SIZES: [(i32, i32, i32, i32); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

pub(super) fn check(cpu: i32, memory: i32) -> Result<(), String> {
    let Some((_, least, most, step)) = SIZES.into_iter().find(|(units, ..)| *units == cpu) else {
        let all: Vec<_> = SIZES.iter().map(|(units, ..)| units.to_string()).collect();
        return Err(format!(
            "Fargate has no tasks with {cpu} CPU units\n  what to do: choose one of {}",
            all.join(", ")
        ));
    };
    // The smallest size has one odd step: 512, 1024, 2048.
    let odd = cpu == 256 && memory == 1536;
    if memory < least || memory > most || (memory - least) % step != 0 || odd {
        return Err(format!(
            "Fargate has no tasks with {cpu} CPU units and {memory} MiB\n  what to do: choose \
             {least} to {most} MiB, in steps of {step}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn only_what_fargate_has() {
        for (cpu, memory) in [(256, 512), (256, 2048), (512, 1024), (1024, 2048), (16384, 40960)] {
            check(cpu, memory).unwrap();
        }
        assert!(check(300, 512).unwrap_err().contains("256, 512"));
        for (cpu, memory) in [(256, 1536), (256, 4096), (512, 512), (512, 1500), (8192, 17408)] {
            assert!(check(cpu, memory).unwrap_err().contains("in steps of"), "{cpu} {memory}");
        }
    }
}
