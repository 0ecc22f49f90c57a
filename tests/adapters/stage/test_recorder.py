from tests.contracts.stage_output import BASE_MS, StageOutputContract, cue, performed
from vtuber.adapters.stage.recorder import Recorder


class TestRecorder(StageOutputContract):
    def make(self):
        return Recorder()

    def test_it_keeps_everything_in_order(self):
        first, second = cue(0), cue(1, at_ms=2000)
        output = self.play((first, performed(first)), (second, performed(second, heard_ms=50)))
        assert output.base_ms == BASE_MS
        assert output.started == [first, second]
        assert [how.whole for how in output.ended] == [True, False]
        assert output.closed
