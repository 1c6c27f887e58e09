from kerasish.backend import names, random
from kerasish.utils import clear_session, set_random_seed


def test_names_begin_anew():
    names.auto_name("Dense")
    clear_session()
    assert [names.auto_name("Dense"), names.auto_name("Dense")] == ["dense", "dense_1"]


def test_the_global_seed_is_forgotten():
    set_random_seed(3)
    first = random.draw_key(None).tolist()
    clear_session(free_memory=False)
    set_random_seed(3)
    assert random.draw_key(None).tolist() == first
    clear_session()
    assert random.draw_key(None).tolist()[0] != first[0]
