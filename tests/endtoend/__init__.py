"""The main job from the article to the report, on real parts."""
