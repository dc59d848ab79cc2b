SELECT auth.is_demo_record()
