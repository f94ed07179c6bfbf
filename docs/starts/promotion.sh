# A repository with a hub and a model: v1.0.0 in production, v1.1.0 in staging, and gates. Sourced in an
# empty folder.
. "${BASH_SOURCE%/*}/three-runs.sh"
mkdir -p .experiments/policy
cat > .experiments/policy/registry.yaml <<'END_OF_POLICY'
schema: expctl/policy/v1
gates:
  production:
    - {require: metrics.inference_time_ms < 5, otherwise: optimise the model and re-evaluate}
    - {no_worse: f1_score, by: 0.01}
END_OF_POLICY
git add -A
git commit -q -m "Policy"
git init -q -b main --bare ../hub.git
git remote add origin ../hub.git
git push -q -u origin main
{
  expctl -q register churn --run deeper
  expctl -q promote churn --to staging
  expctl -q promote churn --to production
  expctl -q register churn --run wider
  expctl -q promote churn --to staging
} > ../said 2>&1
