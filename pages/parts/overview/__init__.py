"""The spine of the plan: stage, actions of the week, decisions."""
