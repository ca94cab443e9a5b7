"""dicom_file.py - writes small DICOM files, byte by byte, with any header a test needs.

Independent of the library's own DICOM code on purpose. Explicit VR little endian, 8x8 pixels."""

import struct

UID_ROOT = '1.2.826.0.1.3680043.10.1234'
MR_IMAGE = '1.2.840.10008.5.1.4.1.1.4'
EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1'

# keyword: (group, element, VR)
TAGS = {
    'SpecificCharacterSet': (0x0008, 0x0005, 'CS'),
    'SOPClassUID': (0x0008, 0x0016, 'UI'),
    'SOPInstanceUID': (0x0008, 0x0018, 'UI'),
    'StudyDate': (0x0008, 0x0020, 'DA'),
    'StudyTime': (0x0008, 0x0030, 'TM'),
    'Modality': (0x0008, 0x0060, 'CS'),
    'StudyDescription': (0x0008, 0x1030, 'LO'),
    'SeriesDescription': (0x0008, 0x103E, 'LO'),
    'PatientName': (0x0010, 0x0010, 'PN'),
    'PatientID': (0x0010, 0x0020, 'LO'),
    'StudyInstanceUID': (0x0020, 0x000D, 'UI'),
    'SeriesInstanceUID': (0x0020, 0x000E, 'UI'),
    'SeriesNumber': (0x0020, 0x0011, 'IS'),
    'InstanceNumber': (0x0020, 0x0013, 'IS'),
    'PatientComments': (0x0010, 0x4000, 'LT'),
}
PIXELS = [(0x0028, 0x0002, 1), (0x0028, 0x0010, 8), (0x0028, 0x0011, 8), (0x0028, 0x0100, 16),
          (0x0028, 0x0101, 16), (0x0028, 0x0102, 15), (0x0028, 0x0103, 0)]
LONG_VRS = {'OB', 'OW', 'UN', 'UT'}


def _element(group, element, vr, value):
    if len(value) % 2:
        value += b'\0' if vr in ('UI', 'OB') else b' '
    header = struct.pack('<HH2s', group, element, vr.encode())
    if vr in LONG_VRS:
        return header + struct.pack('<HI', 0, len(value)) + value
    return header + struct.pack('<H', len(value)) + value


def dicom_bytes(study=1, series=1, instance=1, **attributes):
    """One MR image. Attributes by keyword replace the defaults; None leaves one out."""
    values = {
        'SpecificCharacterSet': 'ISO_IR 192',
        'SOPClassUID': MR_IMAGE,
        'SOPInstanceUID': f'{UID_ROOT}.{study}.{series}.{instance}',
        'StudyDate': '20240318',
        'StudyTime': '140537',
        'Modality': 'MR',
        'SeriesDescription': f'series {series}',
        'PatientName': f'BD{study:04}',
        'PatientID': f'BD{study:04}_MR1',
        'StudyInstanceUID': f'{UID_ROOT}.{study}',
        'SeriesInstanceUID': f'{UID_ROOT}.{study}.{series}',
        'SeriesNumber': str(series),
        'InstanceNumber': str(instance),
    }
    values.update(attributes)
    meta = (_element(0x0002, 0x0001, 'OB', b'\0\1')
            + _element(0x0002, 0x0002, 'UI', values['SOPClassUID'].encode())
            + _element(0x0002, 0x0003, 'UI', values['SOPInstanceUID'].encode())
            + _element(0x0002, 0x0010, 'UI', EXPLICIT_LITTLE_ENDIAN.encode()))
    elements = [(*TAGS[keyword], value.encode()) for keyword, value in values.items()
                if value is not None]
    elements += [(group, element, 'US', struct.pack('<H', value))
                 for group, element, value in PIXELS]
    elements.append((0x7FE0, 0x0010, 'OW',
                     struct.pack('<64H', *((instance + i) % 4096 for i in range(64)))))
    dataset = b''.join(_element(*element) for element in sorted(elements))
    length = _element(0x0002, 0x0000, 'UL', struct.pack('<I', len(meta)))
    return b'\0' * 128 + b'DICM' + length + meta + dataset
