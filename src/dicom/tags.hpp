// tags.hpp - the data elements this library reads from a DICOM header, and no others.
//
// A header is read for every image of a session and may be kept for all of them at once, so only
// what identification, naming and the session document need is kept: this list. One more element
// is one more line here; the constant and the table follow.
#ifndef XNATARCHIVE_DICOM_TAGS_HPP_
#define XNATARCHIVE_DICOM_TAGS_HPP_

#include <cstdint>
#include <string_view>
#include <vector>

namespace xnatarchive {

/// A data element tag, 0xGGGGEEEE.
using Tag = std::uint32_t;

/// The kept elements in ascending order: tag, keyword, value representation of the standard.
///
/// SQ: a code sequence; its value is the Code Meaning of each item.
// clang-format off
#define XNA_DICOM_TAGS(X) \
  X(0x00020010, TransferSyntaxUID, UI) \
  X(0x00080008, ImageType, CS) \
  X(0x00080016, SOPClassUID, UI) \
  X(0x00080018, SOPInstanceUID, UI) \
  X(0x00080020, StudyDate, DA) \
  X(0x00080021, SeriesDate, DA) \
  X(0x00080022, AcquisitionDate, DA) \
  X(0x0008002A, AcquisitionDateTime, DT) \
  X(0x00080030, StudyTime, TM) \
  X(0x00080031, SeriesTime, TM) \
  X(0x00080032, AcquisitionTime, TM) \
  X(0x00080050, AccessionNumber, SH) \
  X(0x00080060, Modality, CS) \
  X(0x00080070, Manufacturer, LO) \
  X(0x00080080, InstitutionName, LO) \
  X(0x00081010, StationName, SH) \
  X(0x00081030, StudyDescription, LO) \
  X(0x0008103E, SeriesDescription, LO) \
  X(0x00081070, OperatorsName, PN) \
  X(0x00081090, ManufacturerModelName, LO) \
  X(0x00089007, FrameType, CS) \
  X(0x00089209, AcquisitionContrast, CS) \
  X(0x00100010, PatientName, PN) \
  X(0x00100020, PatientID, LO) \
  X(0x00100030, PatientBirthDate, DA) \
  X(0x00100040, PatientSex, CS) \
  X(0x00101010, PatientAge, AS) \
  X(0x00101020, PatientSize, DS) \
  X(0x00101030, PatientWeight, DS) \
  X(0x001021B0, AdditionalPatientHistory, LT) \
  X(0x00104000, PatientComments, LT) \
  X(0x00180010, ContrastBolusAgent, LO) \
  X(0x00180015, BodyPartExamined, CS) \
  X(0x00180020, ScanningSequence, CS) \
  X(0x00180021, SequenceVariant, CS) \
  X(0x00180022, ScanOptions, CS) \
  X(0x00180023, MRAcquisitionType, CS) \
  X(0x00180024, SequenceName, SH) \
  X(0x00180025, AngioFlag, CS) \
  X(0x00180031, Radiopharmaceutical, LO) \
  X(0x00180050, SliceThickness, DS) \
  X(0x00180060, KVP, DS) \
  X(0x00180080, RepetitionTime, DS) \
  X(0x00180081, EchoTime, DS) \
  X(0x00180082, InversionTime, DS) \
  X(0x00180083, NumberOfAverages, DS) \
  X(0x00180084, ImagingFrequency, DS) \
  X(0x00180085, ImagedNucleus, SH) \
  X(0x00180086, EchoNumbers, IS) \
  X(0x00180087, MagneticFieldStrength, DS) \
  X(0x00180088, SpacingBetweenSlices, DS) \
  X(0x00180089, NumberOfPhaseEncodingSteps, IS) \
  X(0x00180090, DataCollectionDiameter, DS) \
  X(0x00180091, EchoTrainLength, IS) \
  X(0x00180093, PercentSampling, DS) \
  X(0x00180094, PercentPhaseFieldOfView, DS) \
  X(0x00180095, PixelBandwidth, DS) \
  X(0x00181000, DeviceSerialNumber, LO) \
  X(0x00181020, SoftwareVersions, LO) \
  X(0x00181030, ProtocolName, LO) \
  X(0x00181040, ContrastBolusRoute, LO) \
  X(0x00181041, ContrastBolusVolume, DS) \
  X(0x00181042, ContrastBolusStartTime, TM) \
  X(0x00181043, ContrastBolusStopTime, TM) \
  X(0x00181044, ContrastBolusTotalDose, DS) \
  X(0x00181046, ContrastFlowRate, DS) \
  X(0x00181047, ContrastFlowDuration, DS) \
  X(0x00181048, ContrastBolusIngredient, CS) \
  X(0x00181049, ContrastBolusIngredientConcentration, DS) \
  X(0x00181070, RadiopharmaceuticalRoute, LO) \
  X(0x00181071, RadiopharmaceuticalVolume, DS) \
  X(0x00181072, RadiopharmaceuticalStartTime, TM) \
  X(0x00181073, RadiopharmaceuticalStopTime, TM) \
  X(0x00181074, RadionuclideTotalDose, DS) \
  X(0x00181075, RadionuclideHalfLife, DS) \
  X(0x00181076, RadionuclidePositronFraction, DS) \
  X(0x00181077, RadiopharmaceuticalSpecificActivity, DS) \
  X(0x00181078, RadiopharmaceuticalStartDateTime, DT) \
  X(0x00181100, ReconstructionDiameter, DS) \
  X(0x00181110, DistanceSourceToDetector, DS) \
  X(0x00181111, DistanceSourceToPatient, DS) \
  X(0x00181120, GantryDetectorTilt, DS) \
  X(0x00181130, TableHeight, DS) \
  X(0x00181140, RotationDirection, CS) \
  X(0x00181150, ExposureTime, IS) \
  X(0x00181151, XRayTubeCurrent, IS) \
  X(0x00181152, Exposure, IS) \
  X(0x00181153, ExposureInuAs, IS) \
  X(0x00181160, FilterType, SH) \
  X(0x00181170, GeneratorPower, IS) \
  X(0x00181181, CollimatorType, CS) \
  X(0x00181190, FocalSpots, DS) \
  X(0x00181210, ConvolutionKernel, SH) \
  X(0x00181242, ActualFrameDuration, IS) \
  X(0x00181250, ReceiveCoilName, SH) \
  X(0x00181251, TransmitCoilName, SH) \
  X(0x00181310, AcquisitionMatrix, US) \
  X(0x00181312, InPlanePhaseEncodingDirection, CS) \
  X(0x00181314, FlipAngle, DS) \
  X(0x00181316, SAR, DS) \
  X(0x00181318, dBdt, DS) \
  X(0x00185100, PatientPosition, CS) \
  X(0x00185101, ViewPosition, CS) \
  X(0x00189005, PulseSequenceName, SH) \
  X(0x00189008, EchoPulseSequence, CS) \
  X(0x00189058, MRAcquisitionFrequencyEncodingSteps, US) \
  X(0x00189073, AcquisitionDuration, FD) \
  X(0x00189075, DiffusionDirectionality, CS) \
  X(0x00189079, InversionTimes, FD) \
  X(0x00189082, EffectiveEchoTime, FD) \
  X(0x00189087, DiffusionBValue, FD) \
  X(0x00189089, DiffusionGradientOrientation, FD) \
  X(0x00189147, DiffusionAnisotropyType, CS) \
  X(0x00189231, MRAcquisitionPhaseEncodingStepsInPlane, US) \
  X(0x00189305, RevolutionTime, FD) \
  X(0x00189306, SingleCollimationWidth, FD) \
  X(0x00189307, TotalCollimationWidth, FD) \
  X(0x00189309, TableSpeed, FD) \
  X(0x00189310, TableFeedPerRotation, FD) \
  X(0x00189311, SpiralPitchFactor, FD) \
  X(0x00189323, ExposureModulationType, CS) \
  X(0x00189324, EstimatedDoseSaving, FD) \
  X(0x00189328, ExposureTimeInms, FD) \
  X(0x00189330, XRayTubeCurrentInmA, FD) \
  X(0x00189332, ExposureInmAs, FD) \
  X(0x00189335, DistanceSourceToDataCollectionCenter, FD) \
  X(0x00189345, CTDIvol, FD) \
  X(0x0020000D, StudyInstanceUID, UI) \
  X(0x0020000E, SeriesInstanceUID, UI) \
  X(0x00200010, StudyID, SH) \
  X(0x00200011, SeriesNumber, IS) \
  X(0x00200012, AcquisitionNumber, IS) \
  X(0x00200013, InstanceNumber, IS) \
  X(0x00200020, PatientOrientation, CS) \
  X(0x00200037, ImageOrientationPatient, DS) \
  X(0x00200060, Laterality, CS) \
  X(0x00200062, ImageLaterality, CS) \
  X(0x00200105, NumberOfTemporalPositions, IS) \
  X(0x00201002, ImagesInAcquisition, IS) \
  X(0x00280008, NumberOfFrames, IS) \
  X(0x00280010, Rows, US) \
  X(0x00280011, Columns, US) \
  X(0x00280030, PixelSpacing, DS) \
  X(0x00280301, BurnedInAnnotation, CS) \
  X(0x00281052, RescaleIntercept, DS) \
  X(0x00281053, RescaleSlope, DS) \
  X(0x00281054, RescaleType, LO) \
  X(0x00321060, RequestedProcedureDescription, LO) \
  X(0x00324000, StudyComments, LT) \
  X(0x00400254, PerformedProcedureStepDescription, LO) \
  X(0x00540081, NumberOfSlices, US) \
  X(0x00540101, NumberOfTimeSlices, US) \
  X(0x00540300, RadionuclideCodeSequence, SQ) \
  X(0x00540304, RadiopharmaceuticalCodeSequence, SQ) \
  X(0x00540410, PatientOrientationCodeSequence, SQ) \
  X(0x00540414, PatientGantryRelationshipCodeSequence, SQ) \
  X(0x00541000, SeriesType, CS) \
  X(0x00541001, Units, CS) \
  X(0x00541002, CountsSource, CS) \
  X(0x00541004, ReprojectionMethod, CS) \
  X(0x00541100, RandomsCorrectionMethod, CS) \
  X(0x00541101, AttenuationCorrectionMethod, LO) \
  X(0x00541102, DecayCorrection, CS) \
  X(0x00541103, ReconstructionMethod, LO) \
  X(0x00541104, DetectorLinesOfResponseUsed, LO) \
  X(0x00541105, ScatterCorrectionMethod, LO) \
  X(0x00541200, AxialAcceptance, DS) \
  X(0x00541201, AxialMash, IS) \
  X(0x00541202, TransverseMash, IS) \
  X(0x00541203, DetectorElementSize, DS) \
  X(0x00541210, CoincidenceWindowWidth, DS) \
  X(0x00541220, SecondaryCountsType, CS) \
  X(0x00541300, FrameReferenceTime, DS) \
  X(0x00541321, DecayFactor, DS)
// clang-format on

/// kTagPatientName and so on.
#define XNA_DICOM_CONSTANT(tag, keyword, vr) inline constexpr Tag kTag##keyword = tag;
XNA_DICOM_TAGS(XNA_DICOM_CONSTANT)
#undef XNA_DICOM_CONSTANT

struct KeptTag {
  Tag tag;
  const char* keyword;
  const char* vr;  ///< Two letters.
};

/// Every kept element, ascending.
const std::vector<KeptTag>& KeptTags();
/// Returns the entry of `tag`, or nullptr when it is not kept.
const KeptTag* FindKeptTag(Tag tag);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DICOM_TAGS_HPP_
