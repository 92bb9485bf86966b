use crate::model::{Partition, PartitionScheme};

use super::failure::Failure;

/// Where CI services say which of several machines this is: the variable with the index, the number that it
/// begins with, and the variable with the total.
const SERVICES: [(&str, &str, u32, &str); 7] = [
    ("GitLab", "CI_NODE_INDEX", 1, "CI_NODE_TOTAL"),
    ("CircleCI", "CIRCLE_NODE_INDEX", 0, "CIRCLE_NODE_TOTAL"),
    ("Buildkite", "BUILDKITE_PARALLEL_JOB", 0, "BUILDKITE_PARALLEL_JOB_COUNT"),
    ("Semaphore", "SEMAPHORE_JOB_INDEX", 1, "SEMAPHORE_JOB_COUNT"),
    ("Bitbucket", "BITBUCKET_PARALLEL_STEP", 0, "BITBUCKET_PARALLEL_STEP_COUNT"),
    ("Azure Pipelines", "SYSTEM_JOBPOSITIONINPHASE", 1, "SYSTEM_TOTALJOBSINPHASE"),
    ("Kubernetes Indexed Jobs", "JOB_COMPLETION_INDEX", 0, "OAUTHSPEC_PARTS"),
];

/// The part of the run that `--partition` names; `auto` asks the environment.
pub(super) fn partition(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Partition, Failure> {
    if text != "auto" {
        return text.parse().map_err(|error: String| Failure::usage(error));
    }
    for (service, index_name, first, total_name) in SERVICES {
        let index = variable(index_name).filter(|value| !value.is_empty());
        let total = variable(total_name).filter(|value| !value.is_empty());
        let (index, total) = match (index, total) {
            (Some(index), Some(total)) => (index, total),
            // A job of GitLab that is not parallel has a total of 1 and no index.
            (None, Some(total)) if total == "1" => (first.to_string(), total),
            (Some(index), None) => {
                return Err(Failure::usage(format!(
                    "{index_name}={index} says which part this is, but {total_name} does not say of how many"
                ))
                .help(format!("set {total_name}, or write `--partition slice:{index}/TOTAL`")));
            }
            _ => continue,
        };
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let part = number(&index).zip(number(&total)).and_then(|(index, total)| {
            Partition::new(PartitionScheme::Slice, index.checked_sub(first)?.checked_add(1)?, total)
        });
        return part.ok_or_else(|| {
            Failure::usage(format!(
                "there is no part {index_name}={index} of {total_name}={total} ({service} counts from {first})"
            ))
        });
    }
    let known: Vec<String> = SERVICES
        .iter()
        .map(|(service, index, _, total)| format!("{index} and {total} ({service})"))
        .collect();
    Err(Failure::usage("`--partition auto` finds nothing in the environment that says which part this is")
        .help(format!("it reads {}; or write `--partition slice:2/5`", known.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        partition("auto", &variable).map(|part| part.to_string()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn every_service_counts_in_its_own_way() {
        for (_, index, first, total) in SERVICES {
            let last = (first + 4).to_string();
            assert_eq!(of(&[(index, &last), (total, "5")]), Ok("slice:5/5".to_owned()), "{index}");
            let first = first.to_string();
            assert_eq!(of(&[(index, &first), (total, "5")]), Ok("slice:1/5".to_owned()), "{index}");
        }
        assert_eq!(of(&[("CI_NODE_TOTAL", "1")]), Ok("slice:1/1".to_owned()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        assert!(of(&[]).unwrap_err().contains("nothing in the environment"));
        assert!(of(&[("JOB_COMPLETION_INDEX", "2")]).unwrap_err().contains("OAUTHSPEC_PARTS"));
        for (index, total) in [("0", "5"), ("6", "5"), ("x", "5"), ("1", ""), ("1", "0")] {
            let told = of(&[("CI_NODE_INDEX", index), ("CI_NODE_TOTAL", total)]).unwrap_err();
            assert!(told.contains("CI_NODE_INDEX"), "{told}");
        }
    }
}
