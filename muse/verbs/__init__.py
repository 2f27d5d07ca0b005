"""The verbs: one function for each thing a user can ask for; here the three arts meet."""
